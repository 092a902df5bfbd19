"""A ruined delivery is never published, an honest one always, and a user may overrule it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Project, new_project

from arcana import families

DAY = "2025-03-25"


@pytest.fixture(scope="module")
def accepted(tmp_path_factory) -> Project:
    """The sample as a real vendor's first delivery, built and published."""
    project = new_project(tmp_path_factory.mktemp("accepted"))
    (project.raw / "_synthetic.json").unlink()
    done = build(project)
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture(scope="module")
def kept(accepted, tmp_path_factory) -> Project:
    return accepted.copy(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def project(accepted, kept) -> Iterator[Project]:
    yield accepted
    accepted.put_back(kept)


def build(project: Project, *arguments: str):
    return project.arcana("build", "--extract-date", DAY, *arguments)


def rewrite(file: Path, change) -> None:
    """Change the records of a raw file: `change` gets each as fields and gives fields or None."""
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    changed = [change(line.split(";"), number) for number, line in enumerate(lines)]
    kept = [";".join(fields) for fields in changed if fields is not None]
    file.write_text("\n".join([header, *kept, ""]), encoding="utf-8")


def in_centavos(raw: Path) -> None:
    rewrite(raw / "mrr.csv", lambda fields, _: [fields[0], f"{float(fields[1]) * 100:.4f}"])


def large_amounts_without_their_mark(raw: Path) -> None:
    def change(fields, _):
        # Only from a thousand on, as an export with a thousands separator spoils them.
        spoilt = float(fields[1]) >= 1_000
        return [fields[0], f"{float(fields[1]) * 1_000:.0f}" if spoilt else fields[1]]

    rewrite(raw / "mrr.csv", change)


def keys_of_another_form(raw: Path) -> None:
    rewrite(raw / "clientes_desde.csv", lambda fields, _: [f"BR-{fields[0]}", *fields[1:]])


def customers_cut_to_a_fifth(raw: Path) -> None:
    rewrite(raw / "clientes_desde.csv", lambda fields, number: fields if number % 5 == 0 else None)


def tickets_of_one_week(raw: Path) -> None:
    rewrite(raw / "tickets.csv", lambda fields, number: fields if number % 50 == 0 else None)


def mrr_all_zero(raw: Path) -> None:
    rewrite(raw / "mrr.csv", lambda fields, _: [fields[0], "0"])


def statuses_renamed(raw: Path) -> None:
    at = families.load()["dados_clientes"].column_names.index("situacao_contrato")

    def change(fields, _):
        return [*fields[:at], f"Em {fields[at].lower()}", *fields[at + 1 :]]

    rewrite(raw / "dados_clientes.csv", change)


@pytest.mark.parametrize(
    ("ruins", "says"),
    [
        (
            [in_centavos, tickets_of_one_week, statuses_renamed],
            {
                "mrr": "another unit (centavos, minutes)",
                "tickets": "a part of the export is missing",
                "dados_clientes": "labels were renamed",
            },
        ),
        ([large_amounts_without_their_mark], {"mrr": "in large amounts"}),
        ([customers_cut_to_a_fifth], {"spine": "the customer list was cut or filtered"}),
        ([mrr_all_zero], {"mrr": "a column was filled with zeros"}),
    ],
)
def test_a_ruined_delivery_is_not_published_and_told(project, ruins, says):
    served = project.served_hashes()
    for ruin in ruins:
        ruin(project.raw)
    done = build(project)
    assert done.returncode == 1, done.stderr
    told = [line.strip() for line in done.stderr.splitlines()]
    for subject, cause in says.items():
        assert any(line.startswith(f"{subject}: ") and cause in line for line in told), told
        assert f"--accept-data {subject}" in done.stderr
    assert project.served_hashes() == served


def test_what_is_accepted_by_hand_is_published_and_compared_with_from_then_on(project):
    good = (project.raw / "mrr.csv").read_bytes()
    in_centavos(project.raw)
    done = build(project, "--accept-data", "mrr", "--accept-data", "personas")
    assert done.returncode == 0, done.stderr
    # The same files once more are the same delivery, and accepted already.
    done = build(project)
    assert done.returncode == 0, done.stderr
    # The unit of before is now the one that is far off.
    (project.raw / "mrr.csv").write_bytes(good)
    done = build(project, "--full-refresh")
    assert done.returncode == 1, done.stderr
    assert "mrr: median" in done.stderr


def test_what_was_accepted_by_hand_and_taken_out_is_no_measure(project):
    good = (project.raw / "mrr.csv").read_bytes()
    in_centavos(project.raw)
    accept = ["--accept-data", "mrr", "--accept-data", "personas"]
    done = project.arcana("build", "--extract-date", "2025-03-27", *accept)
    assert done.returncode == 0, done.stderr
    done = project.arcana("land", "--forget", "2025-03-27")
    assert done.returncode == 0, done.stderr
    (project.raw / "mrr.csv").write_bytes(good)
    done = project.arcana("build", "--extract-date", "2025-03-28")
    assert done.returncode == 0, done.stderr


def test_a_delivery_that_is_built_again_counts_once(project):
    figures = project.serve / "accepted_deliveries.parquet"
    before = figures.read_bytes()
    done = build(project, "--full-refresh")
    assert done.returncode == 0, done.stderr
    assert figures.read_bytes() == before
    ((numbers,),) = project.query(
        f"select count(distinct acceptance_number) from read_parquet('{figures}')"
    )
    assert numbers == 1


def test_a_file_rejected_for_a_day_leaves_what_was_landed_for_it(project):
    tickets = project.query("select count(*) from gold.fct_tickets")
    (project.raw / "tickets.csv").write_text("ANOTHER;HEADER\n1;2\n")
    done = build(project)
    assert done.returncode == 0, done.stderr
    assert "Rejected: tickets" in done.stderr
    assert project.query("select count(*) from gold.fct_tickets") == tickets


def test_keys_that_fit_no_other_family_are_found_on_a_first_build(tmp_path):
    project = new_project(tmp_path)
    keys_of_another_form(project.raw)
    done = project.arcana("build")
    assert done.returncode == 1, done.stderr
    assert "spine: " in done.stderr
    # The form of a key, and no key.
    assert '"AA-AA' in done.stderr
    assert "Because of it" in done.stderr
    assert not any(project.serve.glob("*.parquet"))


def test_a_name_that_nothing_has_is_refused_before_anything_runs(accepted):
    done = build(accepted, "--accept-data", "mmr")
    assert done.returncode == 2
    assert "mmr" in done.stderr
    done = accepted.dbt("compile", "--select", "quality_delivery_checks", "--vars",
                        "{accept_data: ['mrr) or (1=1']}")  # fmt: skip
    assert done.returncode != 0
    assert "must name some of" in done.stdout
