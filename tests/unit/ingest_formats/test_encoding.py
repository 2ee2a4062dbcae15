"""Encodings found, and text transcoded without losing a byte."""

from __future__ import annotations

from io import BytesIO
from random import Random

import pytest

from expectations.errors import UsageError
from tasks.ingest.encoding import Encoding, detect_encoding, given_encoding
from tasks.ingest.utf8_stream import EncodingMistakenError, lost_signs_finding, utf8_stream
from tasks.sources.original_bytes import OriginalBytes

DANISH = "id,navn,by\n1,Jørgen Ærø,Århus\n2,Søren Kjær,Ålborg\n3,Bodil Højgård,København\n"
POLISH = "id,imię,miasto\n1,Łukasz Żółć,Łódź\n2,Grażyna,Kraków\n3,Święty,Gdańsk\n" * 3
CZECH = "id,jméno\n1,Dvořák Jiří,Plzeň Škoda\n2,Ústí nad Labem,Žďár\n"
FRENCH = "id,nom\n1,Ça va à la forêt,naïve œuvre 5 €\n"
RUSSIAN = "ид,имя,город\n1,Иван Петров,Москва\n2,Анна,Казань\n" * 3
GREEK = "id,όνομα\n1,Γιώργος,Αθήνα\n2,Μαρία,Πάτρα\n" * 3
TURKISH = "id,isim\n1,Şükrü Işık,İstanbul Ağrı\n2,Çağla,Muğla\n" * 3
HEBREW = "id,שם\n1,דוד כהן,ירושלים\n" * 5
ARABIC = "id,اسم\n1,محمد علي,القاهرة\n" * 5
THAI = "id,ชื่อ\n1,สมชาย,กรุงเทพ\n" * 5
JAPANESE = "id,名前,都市\n1,たなかタロウ,東京です\n2,鈴木はなこ,大阪\n" * 5
CHINESE = "编号,姓名,城市\n1,王小明,北京\n2,李华,上海\n" * 5
TAIWANESE = "編號,姓名\n1,王小明,臺北\n" * 5
KOREAN = "번호,이름\n1,김철수,서울\n" * 5

TEXTS = [
    *[(DANISH, name) for name in ("cp1252", "latin-1", "cp850", "mac-roman", "utf-8")],
    *[(POLISH, name) for name in ("cp1250", "iso8859-2", "cp852", "utf-8")],
    *[(CZECH, name) for name in ("cp1250", "iso8859-2")],
    *[(FRENCH, name) for name in ("cp1252", "iso8859-15")],
    *[(RUSSIAN, name) for name in ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")],
    *[(GREEK, name) for name in ("cp1253", "iso8859-7")],
    (TURKISH, "cp1254"),
    (HEBREW, "cp1255"),
    (ARABIC, "cp1256"),
    (THAI, "tis-620"),
    *[(JAPANESE, name) for name in ("shift_jis", "euc-jp", "utf-8")],
    *[(CHINESE, name) for name in ("gb18030", "gbk", "utf-8")],
    (TAIWANESE, "big5"),
    (KOREAN, "euc-kr"),
]
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig")


def _text(content: bytes, encoding: Encoding) -> str:
    with utf8_stream(BytesIO(content), encoding) as stream:
        return stream.read().decode()


@pytest.mark.parametrize(("text", "name"), TEXTS)
def test_code_pages_are_told_apart(text: str, name: str) -> None:
    content = text.encode(name)
    encoding = detect_encoding(content)
    assert _text(content, encoding) == text
    assert not encoding.is_fallback


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("text", ["a", "a,b\n1,2\n", POLISH, RUSSIAN, CHINESE])
def test_unicode_with_and_without_a_mark(text: str, name: str) -> None:
    content = text.encode(name)
    assert _text(content, detect_encoding(content)) == text


@pytest.mark.parametrize(
    "word",
    ["Ærø", "Müller", "Übung", "smørrebrød", "Größe", "José", "café", "São", "25°C", "10£", "it’s", "“so”", "½", "€5"],
)
def test_one_word_is_enough_for_cp1252(word: str) -> None:
    text = f"id,name,value\n1,x y,3\n2,{word},4\n" + "3,plain,5\n" * 50
    content = text.encode("cp1252")
    assert _text(content, detect_encoding(content)) == text


CELLS = [
    "£5",
    "20 °C",
    "12 €",
    "½",
    "Acme®",
    "it’s",
    "8 m³",
    "2ª",
    "là",
    "lunedì",
    "Nicolò",
    "Zoë",
    "Åse",
    "Ó Briain",
    "Mâcon",
]


@pytest.mark.parametrize("cell", CELLS)
def test_many_of_one_sign_or_accent_are_cp1252(cell: str) -> None:
    text = "id,name,value\n" + "".join(f"{number},{cell},{number}.5\n" for number in range(100))
    encoding = detect_encoding(text.encode("cp1252"))
    assert _text(text.encode("cp1252"), encoding) == text
    assert encoding.confidence < 0.9


@pytest.mark.parametrize(
    ("names", "page"),
    [
        (["Muñoz", "García", "José"], "cp1252"),
        (["François", "Hélène", "Benoît", "Gaëlle"], "cp1252"),
        (["Nicolò", "Forlì", "Cefalù"], "cp1252"),
        (["Conceição", "Simões", "João"], "cp1252"),
        (["Jørgen", "Håkon", "Kjær"], "cp1252"),
        (["Kamiński", "Gdańsk", "Kraków"], "cp1250"),
        (["Dvořák", "Kříž", "Černý"], "cp1250"),
        (["Győr", "Erdős"], "cp1250"),
        (["Muğla", "Işık", "Ağrı"], "cp1254"),
        (["Cornellà", "açò", "avió"], "cp1252"),
        (["Hélène", "Mickaël", "Ça et là", "Benoît", "Zoé Brûlé", "forêt", "août"], "cp1252"),
        (["£5", "§ 5", "10 µm", "“good”", "1º", "O’Rita", "5 m²"], "cp1252"),
        (["Łódź", "Wrocław", "Zakopane"], "cp1250"),
        (["Kučerová", "Renáta", "matčin"], "cp1250"),
        (["Miloš", "aktivně", "Plzeň"], "iso8859-2"),
        (["Kovačeva ulica", "Ljubljana"], "cp1250"),
        (["Jovanović", "Horvatić"], "cp1250"),
        (["Hegesztő", "Könyvelő", "Noémi"], "cp1250"),
        (["Târgu Mureş", "Bucureşti", "Galaţi"], "cp1250"),
        (["Bernát", "Tűzoltó", "Sütő"], "cp852"),
        (["Ukmergė", "Miglė"], "cp1257"),
        (["Šiauliai", "Kaišiadorys", "Arūnas"], "cp1257"),
        (["Kārkliņš", "Bērziņš", "Rīga"], "cp1257"),
        (["Kuşadası", "Akçasu", "işçi"], "cp1254"),
    ],
)
def test_a_few_kinds_of_letters_are_told_by_their_neighbours(names: list[str], page: str) -> None:
    text = "id,name\n" + "".join(f"{number},{names[number % len(names)]}\n" for number in range(90))
    content = text.encode(page)
    assert _text(content, detect_encoding(content)) == text


@pytest.mark.parametrize(
    "name",
    ["Temp °C", "Temp (°C)", "[°F]", "Betrag in €", "Cost £/kg", "Ø Preis", "Fläche [m²]", "Dichte kg/m³", "µg/m³"],
)
@pytest.mark.parametrize("also", ["", ";Größe", ";°C;€"])
def test_signs_of_units_may_stand_in_the_header_only(name: str, also: str) -> None:
    text = f"Zeit;{name};x{also}\n" + "".join(f"{number};{number};1;2;3\n" for number in range(50))
    assert _text(text.encode("cp1252"), detect_encoding(text.encode("cp1252"))) == text


@pytest.mark.parametrize("stray", [b"\xff", b"\xc3(", b"\x80", b"\xf6"])
def test_stray_bytes_do_not_make_a_code_page(stray: bytes) -> None:
    content = b"id,meta\n" + b"1,a=b\n" * 50 + b"2,k=3&note=" + stray + b"\n"
    assert detect_encoding(content).name == "utf-8"


def test_bad_lines_do_not_hide_utf_8() -> None:
    content = DANISH.encode() * 5 + DANISH.encode("cp1252")
    encoding = detect_encoding(content)
    assert encoding.name == "utf-8"
    assert encoding.confidence < 0.9


def test_a_head_may_be_cut_within_a_letter() -> None:
    assert all(detect_encoding(("a" * 50 + "ø").encode()[:size]).name == "utf-8" for size in (51, 52))
    content = (CHINESE * 3).encode()
    assert {detect_encoding(content[:size]).name for size in range(100, 160)} == {"utf-8"}


def test_noise_is_a_fallback_and_says_so() -> None:
    noise = bytes(byte or 200 for byte in Random(7).randbytes(20_000))
    encoding = detect_encoding(noise)
    assert encoding.is_fallback
    assert encoding.confidence == 0


@pytest.mark.parametrize(
    "name", ["utf-8", "cp1252", "shift_jis", "gb18030", "utf-16-le", "utf-32-be", "euc_kr", "latin-1"]
)
@pytest.mark.parametrize(
    "content", [b"plain\n", b"x\xff\xfe\n\x81 \x90y\xc3(\xe2\x82\n\xd8\x00\xdc\x00\x00\xd8", Random(8).randbytes(999)]
)
def test_what_cannot_be_decoded_can_be_had_back(content: bytes, name: str) -> None:
    encoding = given_encoding(name)
    with utf8_stream(BytesIO(content), encoding) as stream:
        passed = stream.read()
    assert OriginalBytes(encoding.name).of(passed) == content


def test_what_cannot_be_decoded_is_not_utf_8_either() -> None:
    content = b"good,\x83\x65\nbad,\x81 \n"
    with utf8_stream(BytesIO(content), given_encoding("shift_jis")) as stream:
        good, bad = stream.read().splitlines()
    assert good.decode() == "good,テ"
    with pytest.raises(UnicodeDecodeError):
        bad.decode()


def test_letters_that_lie_across_pieces_come_whole() -> None:
    text = "ø漢𝄞" * 700_000
    for name in ("utf-16-le", "gb18030", "utf-8"):
        with utf8_stream(BytesIO(text.encode(name)), given_encoding(name)) as stream:
            passed = b"".join(iter(lambda: stream.read(100_001), b""))
        assert passed.decode() == text


@pytest.mark.parametrize("name", ["cp1252", "shift_jis"])
def test_what_comes_late_in_a_file_corrects_the_guess(name: str) -> None:
    late = {"cp1252": DANISH, "shift_jis": JAPANESE}[name]
    content = b"id,name,city\n" + b"1,plain,text\n" * 200_000 + late.encode(name)
    encoding = detect_encoding(content[: 1 << 20])
    assert encoding.name == "utf-8"
    with pytest.raises(EncodingMistakenError) as mistaken:
        _text(content, encoding)
    assert mistaken.value.encoding.is_settled
    assert _text(content, mistaken.value.encoding) == content.decode(name)


def test_a_guess_from_one_line_is_corrected_to_utf_8() -> None:
    content = "1,smørrebrød\n".encode("cp1252") + b"1,plain,text\n" * 100_000 + DANISH.encode() * 3
    encoding = detect_encoding(content[: 1 << 20])
    assert encoding.name == "cp1252"
    with pytest.raises(EncodingMistakenError) as mistaken:
        _text(content, encoding)
    assert mistaken.value.encoding.name == "utf-8"


def test_a_stray_byte_late_in_a_file_changes_nothing() -> None:
    content = b"1,plain,text\n" * 200_000 + b"2,note=\xf6\n" + DANISH.encode() * 100
    with utf8_stream(BytesIO(content), detect_encoding(content[: 1 << 20])) as stream:
        assert stream.readall() == content


def test_signs_of_lost_text_are_counted() -> None:
    content = "a,Ã¸re\nb,caf\ufffd\nc,Itâ€™s Â»\nd,7 \x96 8\n".encode() + DANISH.encode()
    with utf8_stream(BytesIO(content), detect_encoding(content)) as stream:
        stream.readall()
        finding = lost_signs_finding(stream)
    assert finding is not None
    assert finding.count == 5
    with utf8_stream(BytesIO(DANISH.encode()), detect_encoding(DANISH.encode())) as stream:
        stream.readall()
        assert lost_signs_finding(stream) is None


def test_a_given_encoding_is_not_doubted() -> None:
    encoding = given_encoding("Latin1")
    assert encoding.is_settled
    assert _text(b"\x80", encoding) == "\x80"
    assert given_encoding("utf-16", b"\xfe\xff\x00a") == Encoding(
        "utf-16-be", 1.0, 2, is_settled=True, evidence="given"
    )
    assert given_encoding("UTF-8-SIG", b"\xef\xbb\xbfa").bom_bytes == 3
    for wrong in ("klingon", "base64", "rot13"):
        with pytest.raises(UsageError, match=wrong):
            given_encoding(wrong)


def test_stray_zero_bytes_in_ascii_are_no_utf_16() -> None:
    assert detect_encoding(b"abc,def\nab\0c,def\n").name == "utf-8"
    assert detect_encoding("да,нет\nя,ты\n".encode("utf-16-le")).name == "utf-16-le"


def test_gb18030_has_a_mark_of_its_own() -> None:
    assert detect_encoding("\ufeffx,y\n1,2\n".encode("gb18030"))[:3] == ("gb18030", 1.0, 4)
