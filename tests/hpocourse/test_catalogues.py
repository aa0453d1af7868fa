"""The catalogues are complete, and hold exactly what the source asks for."""

import ast
import shutil
import string
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import PoFileError, read_po

from hatch_build import compile_catalogues
from hpocourse.languages import ENGLISH, LANGUAGES

PACKAGE = Path(__file__).parents[2] / "hpocourse"
# The messages themselves are in English.
CATALOGUES = [each.catalogue for each in LANGUAGES if each != ENGLISH]
CALLS = {"_": 1, "N_": 1, "gettext": 1, "ngettext": 2}


def _file(catalogue, suffix="po"):
    return PACKAGE / "locale" / catalogue / "LC_MESSAGES" / f"hpocourse.{suffix}"


def _read(source):
    return read_po(BytesIO(source), abort_invalid=True)


def _forms(text):
    """Return the plural forms of a message, or its only form, as a tuple."""
    return (text,) if isinstance(text, str) else tuple(text)


def _texts(catalogue):
    return {_forms(m.id): _forms(m.string) for m in catalogue if m.id}


def _placeholders(text):
    return sorted(field for _, field, _, _ in string.Formatter().parse(text) if field)


def asked(package):
    """Return the messages that Babel finds in the source."""
    # All folders: by itself Babel passes over those whose name begins with "_".
    found = extract_from_dir(package, directory_filter=lambda folder: True)
    return {_forms(message) for _, _, message, _, _ in found}


def called(source):
    """Return the messages in the calls, and the lines of calls without literals."""
    messages, unclear = set(), []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id in CALLS:
            arguments = node.args[: CALLS[node.func.id]]
            values = [getattr(argument, "value", None) for argument in arguments]
            if all(isinstance(value, str) for value in values):
                messages.add(tuple(values))
            else:
                unclear.append(node.lineno)
    return messages, unclear


def faults(catalogue, messages):
    """Return what is wrong with a catalogue, one line each."""
    found = []
    translated = {_forms(entry.id): entry for entry in catalogue if entry.id}
    found += [f"missing: {ids}" for ids in sorted(messages - set(translated))]
    found += [f"not in the source: {ids}" for ids in sorted(set(translated) - messages)]
    for ids, entry in translated.items():
        texts = _forms(entry.string)
        if entry.fuzzy:
            found.append(f"fuzzy: {ids}")
        if len(ids) > 1 and len(texts) != catalogue.num_plurals:
            found.append(f"{len(texts)} plural forms: {ids}")
        if not all(texts):
            found.append(f"not translated: {ids}")
            continue
        for text in texts:
            if _placeholders(text) != _placeholders(ids[-1]):
                found.append(f"placeholders differ: {ids}: {text}")
            if text != text.strip():
                found.append(f"space at an end: {ids}: {text!r}")
    return found


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_catalogue_is_complete(catalogue):
    assert faults(_read(_file(catalogue).read_bytes()), asked(PACKAGE)) == []


def test_no_catalogue_is_without_a_language():
    folders = [path.name for path in (PACKAGE / "locale").iterdir() if path.is_dir()]
    assert sorted(folders) == sorted(CATALOGUES)


def test_babel_finds_every_message():
    messages = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name == "languages.py":  # passes messages on
            continue
        found, unclear = called(path.read_text("utf-8"))
        assert unclear == [], f"{path.name}: give literals to gettext"
        messages |= found
    assert messages == asked(PACKAGE)


HEADER = """
msgid ""
msgstr ""
"Language: ru\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 ? 0 : 1);\\n"

"""
ONE = 'msgid "Metric"\nmsgstr "Метрика"\n\n'
MANY = (
    'msgid "{n} class"\nmsgid_plural "{n} classes"\nmsgstr[0] "{n} класс"\n'
    'msgstr[1] "{n} класса"\nmsgstr[2] "{n} классов"\n\n'
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ONE + MANY, None),
        (MANY, "missing: ('Metric',)"),
        (ONE + MANY + ONE.replace("Metric", "Old"), "not in the source: ('Old',)"),
        (ONE.replace("Метрика", "") + MANY, "not translated: ('Metric',)"),
        ("#, fuzzy\n" + ONE + MANY, "fuzzy: ('Metric',)"),
        (ONE + MANY.replace("{n} классов", "{m} классов"), "placeholders differ: "),
        (ONE + MANY.replace("{n} класса", "класса"), "placeholders differ: "),
        (ONE + MANY.replace("{n} классов", ""), "not translated: ('{n} class'"),
        (ONE.replace("рика", "рика ") + MANY, "space at an end: ('Metric',)"),
    ],
)
def test_faults_are_caught(text, fault):
    messages = {("Metric",), ("{n} class", "{n} classes")}
    found = faults(_read((HEADER + text).encode()), messages)
    if fault is None:
        assert found == []
    else:
        assert len(found) == 1
        assert found[0].startswith(fault)


def test_wrong_number_of_plural_forms_is_caught():
    messages = {("{n} class", "{n} classes")}
    short = MANY.replace('msgstr[2] "{n} классов"\n', "")
    assert faults(_read((HEADER + short).encode()), messages) != []
    with pytest.raises(PoFileError, match="more translations than num_plurals"):
        _read((HEADER.replace("nplurals=3", "nplurals=2") + MANY).encode())


def test_calls_without_literals_are_caught():
    source = "_('a')\nngettext('b', 'c', n)\n_(name)\n_(f'{x}')\n"
    assert called(source) == ({("a",), ("b", "c")}, [3, 4])


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_every_text_is_read_back(catalogue, tmp_path):
    shutil.copytree(PACKAGE / "locale" / catalogue, tmp_path / catalogue)
    (compiled,) = compile_catalogues(tmp_path)
    with compiled.open("rb") as file:
        translations = GNUTranslations(file)
    for entry in _read(_file(catalogue).read_bytes()):
        if isinstance(entry.id, str) and entry.id:
            assert translations.gettext(entry.id) == entry.string
    forms = {translations.ngettext("{n} class", "{n} classes", n) for n in range(30)}
    assert len(forms) == (3 if catalogue == "ru" else 2)


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_compiled_catalogue_is_up_to_date(catalogue):
    with _file(catalogue, "mo").open("rb") as file:
        compiled = _texts(read_mo(file))
    source = _texts(_read(_file(catalogue).read_bytes()))
    assert compiled == source, "compile the catalogues: python hatch_build.py"


def test_nothing_to_compile_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no \.po file under"):
        compile_catalogues(tmp_path)
