import io
import zipfile

import pytest

from hpocourse.grading import _uploads
from hpocourse.grading._uploads import (
    Refused,
    find_notebooks,
    list_files,
    read_file,
)


def make_zip(**files):
    """Return the bytes of a zip; keywords are paths, with ``__`` for a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def of_student(folder, name, data):
    (folder / name).write_bytes(data)
    return [file for file in list_files(folder) if file.parts == (name,)]


def test_folders_and_zips_are_read_alike(tmp_path):
    folder = tmp_path / "Turma"
    (folder / "Ana" / ".ipynb_checkpoints").mkdir(parents=True)
    (folder / "Ana" / "tarefa.ipynb").write_text("{}")
    (folder / "Ana" / ".ipynb_checkpoints" / "tarefa.ipynb").write_text("{}")
    (tmp_path / "a.zip").write_bytes(
        make_zip(**{"Ana/tarefa.ipynb": "{}", "__MACOSX/Ana/._tarefa.ipynb": "x"})
    )
    for path in (folder, tmp_path / "a.zip"):
        (file,) = list_files(path)
        assert file.parts == ("Ana", "tarefa.ipynb")
        assert read_file(file) == b"{}"
    with pytest.raises(Refused, match="neither a folder nor a zip"):
        list_files(folder / "Ana" / "tarefa.ipynb")


def test_notebook_in_a_zip_that_was_handed_in(tmp_path):
    files = of_student(tmp_path, "w.zip", make_zip(**{"Моя/grid.ipynb": "{}"}))
    (found,) = find_notebooks(files)
    assert read_file(found) == b"{}"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (make_zip(**{"../../etc/x.ipynb": "{}"}), "leads out of it"),
        (make_zip(**{"..\\x.ipynb": "{}"}), "leads out of it"),
        (make_zip(**{"/etc/x.ipynb": "{}"}), "leads out of it"),
        (make_zip(**{"x.ipynb": bytes(70 * 2**20)}), "unpacks to 70 MB"),
        (make_zip(**{f"{n}.txt": "" for n in range(1100)}), "1100 files"),
        (make_zip(**{"x.docx": "{}"}), "no notebook"),
        (b"PK no zip", r"w\.zip is neither a folder nor a zip"),
    ],
)
def test_dangerous_zips_are_refused(tmp_path, data, reason):
    with pytest.raises(Refused, match=reason):
        find_notebooks(of_student(tmp_path, "w.zip", data))
    assert [path.name for path in tmp_path.iterdir()] == ["w.zip"]


def test_zip_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path):
    data = make_zip(**{"x.ipynb": bytes(30 * 2**20)})
    size = (30 * 2**20).to_bytes(4, "little")
    files = of_student(tmp_path, "w.zip", data.replace(size, b"\x10\0\0\0"))
    (found,) = find_notebooks(files)
    with pytest.raises(Refused, match="cannot be read"):
        read_file(found)


def test_damaged_member_of_a_zip_is_refused(tmp_path):
    data = bytearray(make_zip(**{"x.ipynb": "{}" * 10**5}))
    data[40:60] = b"\xff" * 20
    (found,) = find_notebooks(of_student(tmp_path, "w.zip", bytes(data)))
    with pytest.raises(Refused, match="cannot be read"):
        read_file(found)


def test_large_files_and_links_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(_uploads, "LARGEST", 10)
    (file,) = of_student(tmp_path, "a.ipynb", b"0123456789a")
    with pytest.raises(Refused, match="MB, more than"):
        read_file(file)
    (tmp_path / "b.ipynb").symlink_to("/etc/passwd")
    (file,) = (file for file in list_files(tmp_path) if file.parts == ("b.ipynb",))
    with pytest.raises(Refused, match="is a link"):
        read_file(file)


def test_no_notebook_is_said(tmp_path):
    files = of_student(tmp_path, "Ответы.docx", b"x")
    with pytest.raises(Refused, match=r"no notebook.*Ответы\.docx"):
        find_notebooks(files)
