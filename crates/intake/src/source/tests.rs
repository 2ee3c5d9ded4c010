//! Sources read what users have, and survive what they should not have.

use std::io::{self, Cursor};

use proptest::prelude::*;

use super::*;

fn source(name: &str, bytes: impl AsRef<[u8]>, options: &CsvOptions) -> Source {
    Source::of(name, Box::new(Cursor::new(bytes.as_ref().to_vec())), None, options).unwrap()
}

fn csv(bytes: impl AsRef<[u8]>) -> Source {
    source("file.csv", bytes, &CsvOptions::default())
}

/// Each row as `number: cell|cell`, or as the fault's text.
fn told(source: Source) -> Vec<String> {
    let row =
        |row: Row| format!("{}: {}", row.position.row, row.cells().collect::<Vec<_>>().join("|"));
    source.map(|read| read.map_or_else(|bad| bad.fault.to_string(), row)).collect()
}

fn names(columns: &[Arc<str>]) -> Vec<&str> {
    columns.iter().map(|column| &**column).collect()
}

#[test]
fn a_row_has_the_number_that_a_user_counts() {
    let mut rows = csv("a,b\r\n1,\"x\r\ny\"\r\n\r\n3,4\r\n");
    assert_eq!(names(rows.header().columns()), ["a", "b"]);
    let first = rows.next().unwrap().unwrap();
    assert_eq!((first.position.row, first.position.line), (2, 2));
    assert_eq!(first.cell(1), "x\r\ny");
    let second = rows.next().unwrap().unwrap();
    assert_eq!((second.position.row, second.position.line), (4, 5));
    assert!(rows.next().is_none());
}

#[test]
fn any_line_end_and_any_delimiter_will_do() {
    assert_eq!(told(csv("a;b\r1;2\r\r3;4")), ["2: 1|2", "4: 3|4"]);
    assert_eq!(told(csv("a\tb\n1\t2,5\n")), ["2: 1|2,5"]);
    assert_eq!(told(csv("sep=|\na|b\n1|2\n")), ["3: 1|2"]);
    assert_eq!(told(csv("\u{feff}a,b\n1,2\n")), ["2: 1|2"]);
}

#[test]
fn in_a_file_of_rejects_guarded_cells_are_read_as_they_were() {
    let rejects = "\"'=a\",b,gantry_fault\n'+358 9,''-1,'@x\n'Anna,'=,\n";
    let source = csv(rejects);
    assert_eq!(names(source.header().columns()), ["=a", "b", "gantry_fault"]);
    assert_eq!(told(source), ["2: +358 9|'-1|@x", "3: 'Anna|=|"]);
    assert_eq!(told(csv("a,b\n'+358 9,'=\n")), ["2: '+358 9|'="], "no other file is meant");
}

#[test]
fn windows_1252_and_utf_16_are_recognised() {
    assert_eq!(told(csv(b"name\nJyv\xE4skyl\xE4\n")), ["2: Jyväskylä"]);
    let wide: Vec<u8> = "name;b\nÄ;1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(told(csv([b"\xFF\xFE".as_slice(), &wide].concat())), ["2: Ä|1"]);
}

#[test]
fn an_encoding_that_the_options_name_is_taken() {
    let options = CsvOptions { encoding: Some(String::from("latin2")), ..CsvOptions::default() };
    assert_eq!(told(source("x.csv", b"a\nCzes\xB3aw\n", &options)), ["2: Czesław"]);
    let options = CsvOptions { encoding: Some(String::from("klingon")), ..CsvOptions::default() };
    let opened = Source::of("x.csv", Box::new(Cursor::new(b"a\n".to_vec())), None, &options);
    assert!(opened.err().unwrap().to_string().starts_with("`klingon` is no encoding; hint:"));
}

#[test]
fn a_row_of_wrong_length_says_so() {
    assert_eq!(
        told(csv("a,b,c\n1,2,3,4\n1,2\n1,2,3,,\n")),
        [
            "`file.csv` row 2: 4 cells where the header has 3",
            "`file.csv` row 3: 2 cells where the header has 3",
            "4: 1|2|3",
        ]
    );
}

#[test]
fn surplus_cells_go_where_the_options_say_and_short_rows_are_filled() {
    let options =
        CsvOptions { surplus: Some(String::from("b")), short_rows: true, ..CsvOptions::default() };
    let rows = told(source("x.csv", "a,b,c\n1,Rua do Paço, 67,3\n1\n", &options));
    assert_eq!(rows, ["2: 1|Rua do Paço, 67|3", "3: 1||"]);
}

#[test]
fn a_file_without_header_takes_its_columns_from_the_options() {
    let columns = Some(vec![String::from("id"), String::from("name")]);
    let options = CsvOptions { columns, ..CsvOptions::default() };
    let rows = source("x.csv", "1|A, B\n2|C\n", &options);
    assert_eq!(told(rows), ["1: 1|A, B", "2: 2|C"]);
}

#[test]
fn an_end_of_file_byte_is_no_row() {
    assert_eq!(told(csv(b"a,b\n1,2\n\x1A")), ["2: 1|2"]);
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_a_fault() {
    assert_eq!(
        told(csv("a,b\n1,\"two\n3,4\n")),
        ["`file.csv` row 2: a quotation mark is not closed before the end of the file"]
    );
}

#[test]
fn broken_text_names_the_column_at_fault() {
    let mut bytes = "näme,ört\n".repeat(4).into_bytes();
    bytes.extend(b"ok,br\xC3\nfine,fine\n");
    let rows = told(csv(bytes));
    assert!(rows[3].starts_with("`file.csv` row 5, column `ört`: not valid UTF-8"), "{rows:?}");
    assert_eq!(rows[4], "6: fine|fine");
}

/// A file that holds one cell of a hundred million bytes, made while it is read.
struct Endless {
    at: u64,
}

const HEAD: &[u8] = b"a,b\n1,\"";
const TAIL: &[u8] = b"\"\n3,4\n";
const BODY: u64 = 100_000_000;

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let (head, tail) = (HEAD.len() as u64, TAIL.len() as u64);
        let mut written = 0;
        for byte in out.iter_mut() {
            let at = self.at;
            if at >= head + BODY + tail {
                break;
            }
            *byte = if at < head {
                HEAD[usize::try_from(at).unwrap()]
            } else if at < head + BODY {
                b'x'
            } else {
                TAIL[usize::try_from(at - head - BODY).unwrap()]
            };
            self.at += 1;
            written += 1;
        }
        Ok(written)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        assert_eq!(to, SeekFrom::Start(0));
        self.at = 0;
        Ok(0)
    }
}

#[test]
fn a_field_of_a_hundred_megabytes_is_a_fault_and_the_next_row_is_read() {
    let rows = Source::of("big.csv", Box::new(Endless { at: 0 }), None, &CsvOptions::default());
    let rows = told(rows.unwrap());
    assert_eq!(
        rows[0],
        "`big.csv` row 2, column `b`: longer than 65536 bytes; hint: is a quotation mark not closed?"
    );
    assert_eq!(rows[1], "3: 3|4");
}

#[test]
fn too_many_cells_and_too_long_rows_are_faults() {
    let many = format!("a\n{}\n1\n", ",".repeat(5000));
    assert_eq!(told(csv(many)), ["`file.csv` row 2: the row has more than 4096 cells", "3: 1"]);
    let long = format!("a\n{}\n1\n", "x".repeat(30_000).repeat(40) + &",yy".repeat(4));
    assert!(told(csv(long))[0].contains("longer than"));
    let wide = format!("a\n{}\n1\n", format!("{},", "x".repeat(30_000)).repeat(40));
    assert!(told(csv(wide))[0].contains("the row is longer than 1048576 bytes"));
}

#[test]
fn a_file_that_is_no_text_or_empty_cannot_be_opened() {
    let open = |bytes: &[u8]| {
        let input = Box::new(Cursor::new(bytes.to_vec()));
        Source::of("x.xlsx", input, None, &CsvOptions::default()).err().unwrap().to_string()
    };
    assert!(open(b"PK\x03\x04\x14\0\x06,\x08\n").contains("is it a text file?"));
    assert_eq!(open(b""), "`x.xlsx` is empty");
    assert_eq!(open(b"\xEF\xBB\xBF"), "`x.xlsx` is empty");
    assert_eq!(open(b"\xFF\xFE"), "`x.xlsx` is empty");
}

#[test]
fn what_has_no_end_is_not_opened() {
    for name in ["/dev/zero", "."] {
        let opened = Source::open(Path::new(name), None, &CsvOptions::default());
        let error = opened.err().unwrap().to_string();
        assert!(error.starts_with(&format!("`{name}` is not a regular file")), "{error}");
    }
}

#[test]
fn columns_are_found_by_their_letters() {
    let header = Header::new(["HasOptedOutOfEmail", "E-mail Address", "a b", "A-B", ""]);
    assert_eq!(header.find("has_opted_out_of_email"), Ok(0));
    assert_eq!(header.find("Email Address"), Ok(1));
    assert_eq!(header.find("a b"), Ok(2));
    assert_eq!(header.find("ab"), Err(NotFound::Ambiguous));
    assert_eq!(header.find("c"), Err(NotFound::Missing));
    assert_eq!(header.find("_"), Err(NotFound::Missing));
}

fn card(text: &str) -> Vec<(String, String)> {
    let mut rows = source("x.vcf", text, &CsvOptions::default());
    let row = rows.next().unwrap().unwrap();
    let named = rows.header().columns().iter().zip(row.cells());
    let filled = named.filter(|(_, cell)| !cell.is_empty());
    filled.map(|(name, cell)| (name.to_string(), cell.to_owned())).collect()
}

fn pairs(cells: &[(String, String)]) -> Vec<String> {
    cells.iter().map(|(name, cell)| format!("{name}={cell}")).collect()
}

#[test]
fn a_card_of_version_2_1_is_read_with_its_quoted_printable_text() {
    let cells = card(
        "BEGIN:VCARD\r\nVERSION:2.1\r\n\
         N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Sepp=C3=A4l=C3=A4;Matti;;;\r\n\
         FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Matti =\r\nSepp=C3=A4l=C3=A4\r\n\
         TEL;HOME;VOICE:+358 9 1\r\nTEL;WORK;VOICE:+358 9 555 0100\r\nTEL;CELL:+358 40 555\r\n\
         TEL;WORK;FAX:+358 9 2\r\n\
         PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r\n SkZJRg\r\nABAQ==\r\n\r\n\
         EMAIL;HOME:matti@home.example\r\nEMAIL;PREF;INTERNET:matti@work.example\r\nEND:VCARD\r\n",
    );
    assert_eq!(
        pairs(&cells),
        [
            "FN=Matti Seppälä",
            "N.family=Seppälä",
            "N.given=Matti",
            "EMAIL=matti@work.example",
            "EMAIL.other=matti@home.example",
            "TEL=+358 9 555 0100",
            "TEL.cell=+358 40 555",
            "TEL.home=+358 9 1",
            "TEL.fax=+358 9 2",
        ]
    );
}

#[test]
fn a_card_of_version_4_is_read_with_folded_lines_and_its_work_address() {
    let cells = card(
        "BEGIN:VCARD\nVERSION:4.0\nFN:Aino Virta\nORG:Example\\, Oy;Service\nUID:urn:uuid:1\n\
         TEL;VALUE=uri;TYPE=\"work,voice\":tel:+358-9-555-0101;ext=2\n\
         ADR;TYPE=home:;;Kotikatu 1;Turku;;20100;Finland\n\
         ADR;TYPE=work:;2nd floor;Satama\n katu 3;Helsinki;;00100;Finland\nNOTE:hello\nEND:VCARD\n",
    );
    assert_eq!(
        pairs(&cells),
        [
            "UID=urn:uuid:1",
            "FN=Aino Virta",
            "ORG.name=Example, Oy",
            "ORG.unit=Service",
            "TEL=+358-9-555-0101 x2",
            "ADR.street=2nd floor, Satamakatu 3",
            "ADR.city=Helsinki",
            "ADR.postal_code=00100",
            "ADR.country=Finland",
            "ADR.home=yes",
            "NOTE=hello",
        ]
    );
}

#[test]
fn a_card_that_does_not_end_is_a_fault() {
    let rows = source(
        "x.vcf",
        "BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nFN:B\n",
        &CsvOptions::default(),
    );
    let rows = told(rows);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1], "`x.vcf` row 2: the file ends before the card does");
}

#[test]
fn an_entry_is_read_with_folding_base64_and_other_names() {
    let text = "version: 1\n\ndn: cn=A,mail=a@example.com\nobjectclass: top\nobjectclass: person\n\
                surname:: U2VwcMOkbMOk\ncn: Long\n  name\njpegPhoto:: /9j/\nsecret:< file:///etc/passwd\n\
                # a comment\n\ndn: cn=B\ncn: B\n";
    let mut rows = source("x.ldif", text, &CsvOptions::default());
    let header = rows.header().clone();
    let first = rows.next().unwrap().unwrap();
    let cell = |name: &str| first.cell(header.find(name).unwrap());
    assert_eq!(cell("sn"), "Seppälä");
    assert_eq!(cell("cn"), "Long name");
    assert_eq!(cell("objectclass"), "top person");
    assert_eq!(rows.next().unwrap().unwrap().position.row, 2);
    assert!(rows.next().is_none());
    assert_eq!(names(&rows.columns_seen()), ["dn", "objectclass", "cn", "sn", "jpegphoto"]);
}

#[test]
fn an_entry_that_cannot_be_read_names_its_attribute() {
    let rows =
        told(source("x.ldif", "dn: a\nmail:: !!\n\ndn: b\nno colon\n", &CsvOptions::default()));
    assert_eq!(rows[0], "`x.ldif` row 1, column `mail`: no Base64 value that can be read");
    assert_eq!(rows[1], "`x.ldif` row 2: no entry that can be read");
}

#[test]
fn a_file_of_another_kind_is_a_fault() {
    assert_eq!(
        told(source("x.vcf", "a,b\n1,2\n", &CsvOptions::default())),
        ["`x.vcf` row 1: no vCard file that can be read"]
    );
    assert_eq!(
        told(source("x.ldif", "version: 1\n", &CsvOptions::default())),
        ["`x.ldif` row 1: no LDIF file that can be read"]
    );
}

fn shared(folder: &str) -> Option<std::path::PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if !path.is_dir() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn every_real_card_is_read() {
    let Some(folder) = shared("mail/vcards") else { return };
    let mut cards = 0;
    for folder in ["io/text", "issue"].map(|part| folder.join(part)) {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            for row in Source::open(&path, None, &CsvOptions::default()).unwrap() {
                let row = row.unwrap();
                assert!(row.cells().any(|cell| !cell.is_empty()), "{}", path.display());
                cards += 1;
            }
        }
    }
    assert!(cards >= 17, "{cards}");
}

fn anything() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        proptest::sample::select(vec![
            ",",
            ";",
            "\t",
            "|",
            "\"",
            "\n",
            "\r\n",
            "\r",
            "\0",
            "\u{1a}",
            "=",
            "=C3=",
            "=\n",
            ":",
            "::",
            " ",
            "\n ",
            "BEGIN:VCARD\n",
            "END:VCARD\n",
            "VERSION:2.1\n",
            "VERSION:4.0\n",
            "N:",
            "FN;ENCODING=QUOTED-PRINTABLE:",
            "TEL;TYPE=\"work,cell\":",
            "PHOTO;BASE64:",
            "ADR:;;",
            "ORG;CHARSET=utf-16;ENCODING=b:",
            "item1.EMAIL;PREF=1:",
            "BDAY:--02",
            "REV:2021",
            "\\n",
            "dn: x\n",
            "mail:: ",
            "objectclass: person\n",
            "ä",
            "\u{feff}",
            "sep=;\n",
            "a,b\n",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    proptest::collection::vec(pieces, 0..120).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_stop_any_reader(bytes in anything(), format in 0..3usize, short_rows: bool) {
        let format = [Format::Csv, Format::VCard, Format::Ldif][format];
        let options = CsvOptions { short_rows, surplus: Some(String::from("a")), ..CsvOptions::default() };
        let length = bytes.len();
        if let Ok(source) = Source::of("x", Box::new(Cursor::new(bytes)), Some(format), &options) {
            let width = source.header().columns().len();
            let mut rows = 0;
            for row in source {
                rows += 1;
                if let Ok(row) = row {
                    prop_assert_eq!(row.cells().count(), width);
                }
            }
            prop_assert!(rows <= length + 1);
        }
    }
}
