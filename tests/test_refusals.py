"""Every refusal code has one message, declared before it can be raised, and is raised with all its facts."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from cleanflow.errors import NotSaved, Refusal
from tests.languages import Lower, speaking

ROOT = Path(__file__).resolve().parents[1]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "cleanflow").rglob("*.py"))
}


@dataclass(frozen=True)
class Raised:
    """One place that raises a code. ``facts`` is ``None`` if it passes on those of another refusal."""

    module: str
    line: int
    code: str
    facts: frozenset[str] | None


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


@cache
def declared() -> list[tuple[str, str, str]]:
    """Module, code and English message of every declaration."""
    return [
        (module, key.value, text.args[0].value)  # type: ignore[attr-defined]
        for module in FILES
        for node in tree(module).body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "declare"
        for table in node.value.args
        for key, text in zip(table.keys, table.values, strict=True)  # type: ignore[attr-defined]
    ]


SENTENCES = {code: sentence for _module, code, sentence in declared()}


def refusals(module: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
            yield node


def constants(node: ast.AST) -> list[str]:
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def codes_of(call: ast.Call, module: str) -> list[str]:
    """The possible codes of the first argument: a literal, one of two, or the values of a module's table."""
    code = call.args[0]
    if isinstance(code, ast.Constant):
        return [str(code.value)]
    if isinstance(code, ast.IfExp):
        return [*constants(code.body), *constants(code.orelse)]
    direct = {id(other.args[0]) for other in refusals(module)}
    return [
        node.value
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Constant) and id(node) not in direct and node.value in SENTENCES
    ]


@cache
def raised() -> list[Raised]:
    """Every place in the program that raises a refusal, once per possible code."""
    found = []
    for module in FILES:
        for call in refusals(module):
            names = [keyword.arg for keyword in call.keywords]
            facts = None if None in names else frozenset(name for name in names if name)
            found += [Raised(module, call.lineno, code, facts) for code in codes_of(call, module)]
    return found


@cache
def of_triggers() -> frozenset[str]:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "sql").rglob("*.sql"))
    return frozenset(code for text in texts for code in re.findall(r"RAISE\s*\(ABORT,\s*'(\w+)'\)", text))


@cache
def loads(module: str) -> frozenset[str]:
    """All modules that are imported when ``module`` is, directly or indirectly, its packages included."""
    seen: set[str] = set()
    left = [module]
    while left:
        name = left.pop()
        if name in seen or name not in FILES:
            continue
        seen.add(name)
        left.append(name.rpartition(".")[0])
        for node in tree(name).body:
            if isinstance(node, ast.Import):
                left += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                left += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return frozenset(seen)


def test_every_code_is_declared_once() -> None:
    again = {code: times for code, times in Counter(code for _, code, _ in declared()).items() if times > 1}
    assert not again
    assert {one.code for one in raised()} | of_triggers() == set(SENTENCES)


def test_a_code_is_declared_before_it_can_be_raised() -> None:
    home = {code: module for module, code, _sentence in declared()}
    unknown = [
        f"{one.module}:{one.line} {one.code}" for one in raised() if home[one.code] not in loads(one.module)
    ]
    assert not unknown, "\n".join(unknown)
    assert {home[code] for code in of_triggers()} <= loads("cleanflow.db.failures")


def test_every_sentence_gets_its_facts() -> None:
    asked = {
        code: {name for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name} for code in SENTENCES
    }
    poor = [
        f"{one.module}:{one.line} {one.code} {asked[one.code] - one.facts}"
        for one in raised()
        if one.facts is not None and not asked[one.code] <= one.facts
    ]
    assert not poor
    assert not [code for code in of_triggers() if asked[code]], "a trigger gives no facts"


def test_every_sentence_is_one_for_people() -> None:
    for code, sentence in SENTENCES.items():
        assert sentence[0].isupper() or sentence[0] in "“{", code
        assert sentence[-1] in ".:?}", code


def test_a_refusal_speaks_the_language_in_use_when_it_is_shown() -> None:
    importlib.import_module("cleanflow.dao")  # declares it
    refusal = Refusal("name_taken", name="Olga")
    with speaking(Lower()):
        assert str(refusal) == "there is already one named “Olga”."
    assert str(refusal) == "There is already one named “Olga”."


def test_what_was_not_saved_is_said_in_the_language_in_use() -> None:
    with speaking(Lower()):
        assert str(NotSaved("The disk is full.")) == "not saved: The disk is full."


def test_an_edit_of_the_ledger_is_refused_in_the_words_of_the_specification() -> None:
    assert SENTENCES["ledger_immutable"].startswith("Ledger entries cannot be modified.")
