"""The customers of a demo shop: names in many scripts, with phones and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Person:
    """A customer of the demo."""

    name: str
    phone: str
    address: str


# (share of the customers, first names, last names, telephone prefix, streets)
_GROUPS: list[tuple[int, list[str], list[str], str, list[str]]] = [
    (
        40,
        "Ahmed Ayesha Bilal Fatima Hamza Hira Imran Kiran Nadia Omar Rabia Saad Sana Usman Zainab".split(),
        "Khan Malik Sheikh Butt Qureshi Ansari Siddiqui Chaudhry Mirza Raza Iqbal Hussain".split(),
        "+92 3",
        ["Mall Road", "Canal Street", "Liberty Market", "Model Town B", "Garden Avenue"],
    ),
    (
        20,
        "Anna Ben Carla David Emma Frank Grace Henry Irene Jack Laura Martin Nina Oliver Paul".split(),
        "Baker Carter Fisher Hughes Miller O'Brien Parker Smith Taylor Walsh Wright Young".split(),
        "+44 20 ",
        ["High Street", "Station Road", "Church Lane", "Mill Hill", "Park View"],
    ),
    (
        15,
        "José María Luís Zoë François Bjørn Łukasz Şule Jürgen Håkon Ágnes Božena Çelik Inès".split(),
        "Gonçalves Müller Tremblay Åkesson Nowák Öztürk Ibáñez Łęcki Sørensen Dvořák Brânză".split(),
        "+49 30 ",
        ["Rua das Flores", "Hauptstraße", "Rue de l'Église", "Plac Wolności", "Storgata"],
    ),
    (
        8,
        ["محمد", "فاطمة", "أحمد", "زينب", "خالد", "مريم"],
        ["العلي", "حسن", "الخطيب", "منصور", "السيد"],
        "+971 50 ",
        ["شارع الملك", "حي النخيل"],
    ),
    (
        7,
        ["Ольга", "Иван", "Марія", "Сергей", "Наталья", "Дмитро"],
        ["Петренко", "Иванова", "Кузнецов", "Шевченко"],
        "+380 44 ",
        ["вулиця Садова", "Зелёная улица"],
    ),
    (
        6,
        ["प्रिया", "राहुल", "अनीता", "विजय", "सुनीता"],
        ["शर्मा", "वर्मा", "गुप्ता", "सिंह"],
        "+91 98",
        ["गांधी मार्ग", "स्टेशन रोड"],
    ),
    (4, ["伟", "芳", "娜", "秀英", "敏"], ["王", "李", "张", "刘", "陈"], "+86 138", ["人民路", "中山路"]),
]


def make_person(random: Random) -> Person:
    """A random person; names may repeat, as in life, but hardly phone numbers."""
    (group,) = random.choices(_GROUPS, weights=[share for share, *_rest in _GROUPS])
    _share, first_names, last_names, prefix, streets = group
    first, last = random.choice(first_names), random.choice(last_names)
    is_chinese = prefix == "+86 138"
    name = f"{last}{first}" if is_chinese else f"{first} {last}"
    phone = f"{prefix}{random.randrange(10_000_000, 99_999_999)}"
    return Person(name, phone, f"{random.choice(streets)} {random.randrange(1, 180)}")
