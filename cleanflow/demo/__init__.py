"""A believable shop for looking around, for trials and for the benchmark, made through the DAO."""
