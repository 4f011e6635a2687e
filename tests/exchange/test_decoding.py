"""Encodings of small files: found where they can be known, shown, and chosen by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanflow.errors import Refusal
from cleanflow.exchange.decoding import encoding_named, encoding_of
from cleanflow.exchange.files import open_table

SAMPLES = [
    ("cp1254", "Ad;Telefon\r\nÖzgür İnce Çağlar;0532\r\nŞule Işık;0533\r\n"),
    ("cp1254", "İsim\nAyşe Yılmaz\nMehmet Öz\n"),
    ("cp1254", "Müşteri;Şehir\nÇağrı;Kadıköy\n"),
    ("cp1254", "AYŞE ÇAĞLAR\nIŞIK\n"),
    ("cp1252", "name\nFrançois Bélanger\nHélène à Montréal\n"),
    ("cp1252", "name\nJosé\n"),
    ("cp1252", "Name\nMÜLLER\nGÜNTHER\n"),
    ("cp1252", "Müller\nBjørn\nJosé\nJoão Conceição\nKöhler Straße\nFrançois\n"),
    ("cp1252", "name\nO’Neil – “Ltd”\n€ 5\n"),
    ("cp1252", "Guðrún Þórðardóttir\nÓlafur Jónsson\n"),
    ("cp1250", "Nazwa\nŁódź Gdańsk\nPaweł Żółć\n"),
    ("cp1250", "Jméno\nJiří Dvořák\nTomáš Novák\n"),
    ("cp1250", "Név\nKovács Ödön\nSzűcs Győző\n"),
    ("cp1257", "Vārds\nJānis Bērziņš\nIlze Kalniņa\n"),
    ("cp1251", "Имя;Телефон\nАнна;1\n"),
    ("cp1251", "имя\nИван Петров\nОльга\n"),
    ("cp1251", "Ім'я\nЇжак Ґалаґан Євген\n"),
    ("cp1256", "Name,Phone\nعلي,1\n"),
    ("cp1256", "الاسم\nمحمد أحمد\nفاطمة\n"),
    ("cp1256", "كريم\nپرويز گل\n"),
    ("cp1253", "όνομα;διεύθυνση\nΓιώργος Παπαδόπουλος;Αθήνα\nΕλένη Νικολάου;Θεσσαλονίκη\n"),
    ("cp1255", "שם\nדוד כהן\nשרה לוי\n"),
    ("cp874", "ชื่อ\nสมชาย ใจดี\n"),
    ("cp850", "Name\nJosé Muñoz\nMüller\n"),
    ("cp866", "имя\nИван Петров\nОльга Смирнова\n"),
    ("koi8-r", "имя\nИван Петров\nОльга Смирнова\n"),
    ("utf-8", "name\nÖzgür\n"),
    ("utf-8-sig", "name\nمحمد\n"),
    ("utf-16", "name\nÖzgür\n"),
    ("utf-16-le", "name,phone\nشعلہ,0300123\n"),
]


@pytest.mark.parametrize(("encoding", "text"), SAMPLES)
def test_the_letters_of_a_small_file_are_read_as_they_were_written(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    assert data.decode(encoding_of(data).name) == text


def test_what_nothing_in_the_file_can_tell_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("Ad\nGül\n".encode("cp1254"))  # the same in Windows-1252
    assert open_table(path).encoding == "cp1252"
    path.write_bytes("имя\nИван\n".encode("cp1251"))
    for name in ("windows-1251", "CP1251", " cp1251 "):
        table = open_table(path, encoding=name)
        assert (table.encoding, table.columns, table.sample()) == ("cp1251", ["имя"], "имя")
    assert open_table(path, encoding="latin-1").sample() == "èìÿ"


@pytest.mark.parametrize("name", ["windows-9999", "", "rot13", "base64", "idna", "utf-7", "\0", "x" * 999])
def test_a_name_of_no_encoding_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        encoding_named(name)
    assert caught.value.code == "encoding_unknown"


@pytest.mark.parametrize("name", ["utf-8", "utf-16", "shift_jis", "gb18030", "big5", "euc-kr", "cp850"])
def test_a_wrong_choice_spoils_lines_and_never_the_program(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("name\nÖzgür İnce\n".encode("cp1254"))
    try:
        list(open_table(path, encoding=name).records())
    except Refusal as refusal:
        assert refusal.code in ("file_empty", "file_not_table")


@given(st.binary(max_size=300))
def test_any_bytes_have_an_encoding(data: bytes) -> None:
    encoding = encoding_of(data)
    data.decode(encoding.name, encoding.errors)
