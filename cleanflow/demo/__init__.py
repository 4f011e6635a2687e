"""A realistic shop for trials and for the benchmark, made through the DAO."""
