import pandas as pd
import pytest
from openpyxl import Workbook

from riskmodel.errors import SchemaError
from riskmodel.histories.offences import OffenceTable

EDITIONS = OffenceTable.editions().index.tolist()
NO_VALUE_ANYWHERE = [
    "controlling_or_coercive_behaviour",
    "non_fatal_strangulation",
    "female_genital_mutilation",
    "forced_marriage",
]


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_edition_is_cited_and_sound(edition):
    table = OffenceTable.cambridge(edition)
    facts = OffenceTable.editions().loc[edition]
    assert table.edition == edition
    assert facts["citation"] in table.source
    assert "365" in table.source
    assert facts["offences"] == table.frame["harm"].notna().sum() > 0
    assert set(table.labels) == set(table.frame["offence"])
    assert (table.frame["harm"].dropna() > 0).all()
    assert 1 <= len(table.groups) <= 15
    assert (table.frame["serious"] == (table.frame["harm"] >= 365)).all()


@pytest.mark.parametrize(
    ("edition", "offence", "days"),
    [
        ("ashby-2017", "1", 5475),
        ("ashby-2017", "4.1", 5475),
        ("ashby-2017", "4.10", 5475),
        ("ashby-2017", "28A", 19),
        ("ashby-2017", "28D", 19),
        ("ashby-2017", "30B", 10),
        ("ashby-2017", "19C", 1825),
        ("ashby-2017", "105A", 1),
        ("ons-css-ashby-2017", "1", 7979),
        ("ons-css-ashby-2017", "8Q", 51),
        ("sherman-2016", "abh_s47", 20),
        ("weinborn-2017", "abh_s47", 10),
        ("weinborn-2017", "common_assault", 0.5),
        ("bland-ariel-2015", "attempted_murder", 4380),
        ("bland-ariel-2015", "common_assault", 0.3),
        ("cchi-2026-subgroups", "rape_offences", 2555),
        ("cchi-2026-subgroups", "other_sexual_offences", 182.25),
    ],
)
def test_values_as_published(edition, offence, days):
    assert OffenceTable.cambridge(edition).lookup([offence])[0].tolist() == [days]


@pytest.mark.parametrize("offence", NO_VALUE_ANYWHERE)
@pytest.mark.parametrize("edition", ["sherman-2016", "weinborn-2017", "bland-ariel-2015"])
def test_offences_that_no_edition_values_are_said_to_have_no_value(edition, offence):
    with pytest.raises(SchemaError, match=f"{edition} publishes no value for {offence}"):
        OffenceTable.cambridge(edition).lookup([offence])


def test_classes_without_an_index_value_have_none():
    with pytest.raises(SchemaError, match="publishes no value for 14, 99"):
        OffenceTable.cambridge().lookup(["99", "14"])


def test_both_scales_of_one_paper_hold_the_same_classes_and_groups():
    index, severity = (OffenceTable.cambridge(name).frame for name in EDITIONS[:2])
    assert index["offence"].equals(severity["offence"])
    assert index["group"].equals(severity["group"])
    assert index["offence"].is_unique


def test_the_mark_for_serious_can_be_moved_and_is_said():
    low, high = (OffenceTable.cambridge(serious_at=days) for days in (10, 5475))
    assert low.frame["serious"].sum() > high.frame["serious"].sum() == 4
    assert "Serious: harm of 10 or more" in low.source


def test_an_unknown_edition_is_refused_with_those_there_are():
    with pytest.raises(SchemaError, match="'ashby-2018' is not one of ashby-2017, ons-css"):
        OffenceTable.cambridge("ashby-2018")


def write_workbook(path, rows, sheet="CCHI", first_sheet=None):
    workbook = Workbook()
    if first_sheet is not None:
        workbook.active.append(first_sheet)
        workbook.create_sheet(sheet)
    else:
        workbook.active.title = sheet
    for row in rows:
        workbook[sheet].append(row)
    workbook.save(path)
    return path


TITLE = ["Cambridge Crime Harm Index 2020: starting points in days"]
HEADERS = ["CJS Offence Code", "Offence title", "PRC sub-group", "HO code", "CCHI score"]
ROWS = [
    ["CJ88001", "Common assault", "Violence", 10501, 1],
    ["SX03001", "Rape", "Rape offences", 1908, 1825],
    [None, "Notes: values are days", None, None, None],
    ["XX00001", "Not scored", "Other", 9901, None],
]


def read(path, **options):
    return OffenceTable.from_cchi_spreadsheet(path, edition="cchi-2020", **options)


def test_a_workbook_is_read_below_its_title(tmp_path):
    path = write_workbook(tmp_path / "cchi.xlsx", [TITLE, [], HEADERS, *ROWS])
    table = read(path)
    assert table.frame["offence"].tolist() == ["CJ88001", "SX03001"]
    assert table.frame["harm"].tolist() == [1, 1825]
    assert table.frame["group"].tolist() == ["Violence", "Rape offences"]
    assert table.labels["SX03001"] == "Rape"
    assert table.frame["serious"].tolist() == [False, True]
    assert "Cambridge Crime Harm Index workbook" in table.source


def test_the_sheet_is_found_after_a_page_of_notes(tmp_path):
    path = write_workbook(tmp_path / "cchi.xlsx", [HEADERS, *ROWS], first_sheet=TITLE)
    assert len(read(path)) == len(read(path, sheet="CCHI")) == 2
    with pytest.raises(SchemaError, match="'Scores' is not one of Sheet, CCHI"):
        read(path, sheet="Scores")


@pytest.mark.parametrize(
    "headers",
    [
        ["Home Office Code", "Description", "Group", "", "Days"],
        ["HO Offence Code", "Offence", "Subgroup", "", "CCHI value (days)"],
        ["Home Office offence class", "Offence description", "Sub-group", "", "Harm Score"],
    ],
)
def test_headers_of_other_years_are_found(tmp_path, headers):
    path = write_workbook(tmp_path / "cchi.xlsx", [TITLE, headers, *ROWS])
    table = read(path)
    assert table.lookup(["SX03001"])[0].tolist() == [1825]
    assert table.labels["CJ88001"] == "Common assault"


def test_a_workbook_of_titles_alone_is_keyed_by_title(tmp_path):
    path = write_workbook(tmp_path / "cchi.xlsx", [["Offence", "Days"], ["Rape", 1825]])
    assert read(path).frame["offence"].tolist() == ["Rape"]


def test_columns_can_be_named(tmp_path):
    rows = [["key", "weight", "CCHI score"], [7, 3, 1], [8.0, 4, 2]]
    path = write_workbook(tmp_path / "cchi.xlsx", rows)
    table = read(path, columns={"offence": "key", "harm": "weight"})
    assert table.frame["offence"].tolist() == ["7", "8"]
    assert table.frame["harm"].tolist() == [3, 4]
    with pytest.raises(SchemaError, match="code unknown; allowed are offence"):
        read(path, columns={"code": "key"})


def test_columns_not_found_list_the_headers_seen(tmp_path):
    path = write_workbook(tmp_path / "cchi.xlsx", [TITLE, ["Code", "Number", "Weight"], [1, 2, 3]])
    with pytest.raises(SchemaError, match="rows seen: Code, Number, Weight"):
        read(path)


def test_a_code_with_several_values_is_refused_or_merged_as_said(tmp_path):
    rows = [["HO code", "Offence title", "CCHI"], [8, "x", 10], [8, "y", 40], [8, "z", 400]]
    path = write_workbook(tmp_path / "cchi.xlsx", rows)
    with pytest.raises(SchemaError, match="occurs more than once, with different values"):
        read(path)
    assert read(path, repeats="median").frame["harm"].tolist() == [40]
    assert read(path, repeats="max").frame["harm"].tolist() == [400]
    with pytest.raises(SchemaError, match="repeats"):
        read(path, repeats="first")


@pytest.mark.parametrize("content", [b"", b"PK not a workbook", b"offence,harm\n"])
def test_what_is_no_workbook_is_refused_by_its_name(tmp_path, content):
    path = tmp_path / "cchi.xlsx"
    path.write_bytes(content)
    with pytest.raises(SchemaError, match=r"cchi\.xlsx is no readable"):
        read(path)


def test_a_csv_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SchemaError, match=r"harm\.csv is no readable CSV"):
        OffenceTable.from_csv(tmp_path / "harm.csv", edition="e", source="s")


def test_columns_that_are_not_there_are_named():
    frame = pd.DataFrame({"offence": ["a"], "harm": [1]})
    with pytest.raises(SchemaError, match="no columns days; there are offence, harm"):
        OffenceTable.from_frame(frame, edition="e", source="s", columns={"harm": "days"})
    with pytest.raises(SchemaError, match="columns: weight unknown"):
        OffenceTable.from_frame(frame, edition="e", source="s", columns={"weight": "harm"})
