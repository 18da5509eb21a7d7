//! Object definition files: those of OMNA, malformed ones with the place of the mistake, and damaged ones.

// Helpers of tests: a file that cannot be read fails the test.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use lwm2m_codec::ValueType;
use lwm2m_model::{ObjectDefinition, ObjectVersion, Registry, ddf, limits};
use proptest::prelude::*;
use proptest::sample::Index;

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets")
}

/// Name and content of every file that ships.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(assets().join("ddf")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push((name, fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}

/// The bundled definitions hold no prose, and the files state their licence in a comment.
fn without_prose(mut definition: ObjectDefinition) -> ObjectDefinition {
    definition.description.clear();
    definition.description2.clear();
    definition.licence.clear();
    definition.copyright.clear();
    definition.resources.iter_mut().for_each(|resource| resource.description.clear());
    definition
}

#[test]
fn the_files_of_omna_say_what_the_registry_has() {
    let mut registry = Registry::new();
    for name in ["registry/objects.json", "registry/objects_history.json"] {
        let text = fs::read_to_string(assets().join(name)).unwrap();
        registry.add(Registry::from_json(&text).unwrap().definitions().cloned());
    }
    let files = files();
    assert_eq!(files.len(), 25);
    for (name, xml) in files {
        let definitions = ddf::parse(&xml).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(definitions.len(), 1, "{name}");
        for definition in definitions {
            let bundled = registry.definition(definition.id, definition.version).cloned();
            assert_eq!(Some(without_prose(definition)), bundled.map(without_prose), "{name}");
        }
    }
}

#[test]
fn prose_is_read_too() {
    let xml = fs::read(assets().join("ddf/5.xml")).unwrap();
    let [firmware] = <[ObjectDefinition; 1]>::try_from(ddf::parse(&xml).unwrap()).unwrap();
    assert_eq!(firmware.version, ObjectVersion::new(1, 2));
    assert_eq!((firmware.lwm2m_version.as_str(), firmware.urn.as_str()), ("1.1", "urn:oma:lwm2m:oma:5:1.2"));
    assert!(firmware.description.starts_with("This LwM2M Object enables management of firmware"));
    assert!(firmware.resource(3).unwrap().description.contains("0: Idle (before downloading"));
}

const ITEM: &str = "<Item ID=\"1\"><Name>Value</Name><Operations>RW</Operations>\
    <MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Type>Float</Type>\
    <RangeEnumeration>0..1</RangeEnumeration><Units>m</Units><Description>x</Description></Item>";

/// A small file, one element a line.
fn file(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<LWM2M>\n<Object ObjectType=\"MODefinition\">\n<Name>Thing</Name>\n\
         <ObjectID>32769</ObjectID>\n<ObjectURN>urn:oma:lwm2m:x:32769:1.1</ObjectURN>\n\
         <MultipleInstances>Multiple</MultipleInstances>\n<Mandatory>Optional</Mandatory>\n\
         <Resources>\n{items}\n</Resources>\n</Object>\n</LWM2M>\n"
    )
}

#[test]
fn files_may_be_written_in_many_ways() {
    let plain = ddf::parse(file(ITEM).as_bytes()).unwrap();
    assert_eq!(plain[0].version, ObjectVersion::new(1, 1), "of the URN, where there is no ObjectVersion");
    assert_eq!(plain[0].lwm2m_version, "1.0");
    let other = "\u{FEFF}<!-- one -->\n<LWM2M xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
        xsi:noNamespaceSchemaLocation=\"http://openmobilealliance.org/tech/profiles/LWM2M.xsd\">\
        <Object><Resources><Unheard>of</Unheard><Item ID='1'><Type> Float\n</Type><Mandatory>Optional</Mandatory>\
        <Operations><!-- both -->RW</Operations><Units>m</Units><Description>x</Description>\
        <RangeEnumeration>0..1</RangeEnumeration><MultipleInstances>Single</MultipleInstances>\
        <Name><![CDATA[Val]]>ue</Name></Item></Resources><Mandatory>Optional</Mandatory>\
        <ObjectID> 32769 </ObjectID><LWM2MVersion/><ObjectVersion>1.1</ObjectVersion>\
        <MultipleInstances>Multiple</MultipleInstances><Name>Th&#105;ng</Name>\
        <ObjectURN>urn:oma:lwm2m:x:32769:1.1</ObjectURN></Object></LWM2M>";
    assert_eq!(ddf::parse(other.as_bytes()).unwrap(), plain);
}

#[test]
fn a_file_may_define_several_objects() {
    let object = file(ITEM).replace("<?xml version=\"1.0\"?>", "").replace("LWM2M>", "G>");
    let objects = object.split("<G>").nth(1).unwrap().split("</G>").next().unwrap();
    let second = objects.replace(">32769<", ">32770<").replace(":32769:1.1", ":32770");
    let definitions = ddf::parse(format!("<LWM2M>{objects}{second}</LWM2M>").as_bytes()).unwrap();
    let ids: Vec<_> = definitions.iter().map(|object| (object.id, object.version.minor)).collect();
    assert_eq!(ids, [(32769, 1), (32770, 0)]);
    let error = ddf::parse(format!("<LWM2M>{objects}\n{objects}</LWM2M>").as_bytes()).unwrap_err();
    assert_eq!(
        (error.line, error.got.as_str()),
        (14, "object 32769 1.1 again"),
        "the same version twice: {error}"
    );
}

/// What the registry has of 10482: its values stay raw.
#[test]
fn a_readable_resource_may_have_no_type() {
    let definitions = ddf::parse(file(&ITEM.replace("Float", "")).as_bytes()).unwrap();
    assert_eq!(definitions[0].resource(1).unwrap().value_type, None);
    let executable = ITEM.replace("RW", "E").replace("Float", "");
    assert!(ddf::parse(file(&executable).as_bytes()).unwrap()[0].resources[0].operations.execute);
}

#[test]
fn every_type_is_known() {
    for (name, value_type) in [
        ("String", ValueType::String),
        ("Integer", ValueType::Integer),
        ("Unsigned Integer", ValueType::Unsigned),
        ("Float", ValueType::Float),
        ("Boolean", ValueType::Boolean),
        ("Opaque", ValueType::Opaque),
        ("Time", ValueType::Time),
        ("Objlnk", ValueType::ObjectLink),
        ("Corelnk", ValueType::CoreLink),
    ] {
        let definitions = ddf::parse(file(&ITEM.replace("Float", name)).as_bytes()).unwrap();
        assert_eq!(definitions[0].resources[0].value_type, Some(value_type));
    }
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let cases: [(&str, &str, &str); 33] = [
        ("", "<?xml", "line 1, column 6: expected well-formed XML, got expected '?>'"),
        (
            "</LWM2M>",
            "",
            "line 14, column 1: expected well-formed XML, got the root node was opened but never closed",
        ),
        (
            "</Resources>",
            "</Resource>",
            "line 11, column 1: expected well-formed XML, got expected 'Resources' tag, not 'Resource'",
        ),
        (
            "Thing",
            "Th&ouml;ng",
            "line 4, column 9: expected well-formed XML, got unknown entity reference 'ouml'",
        ),
        (
            "<LWM2M>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><LWM2M>",
            "line 2, column 1: expected a file without document type, got <!DOCTYPE",
        ),
        (
            "<LWM2M>",
            " <!DOCTYPE a SYSTEM \"file:///etc/passwd\"><LWM2M>",
            "line 2, column 2: expected a file without document type, got <!DOCTYPE",
        ),
        ("LWM2M>", "Other>", "line 2, column 1: expected <LWM2M>, got <Other>"),
        ("", "<LWM2M>\n</LWM2M>", "line 1, column 1: expected <Object> in <LWM2M>, got none"),
        (
            "MODefinition",
            "Something",
            "line 3, column 1: expected ObjectType=\"MODefinition\", got \"Something\"",
        ),
        ("<Name>Thing</Name>", "", "line 3, column 1: expected <Name> in <Object>, got none"),
        ("Thing", " ", "line 4, column 1: expected a text in <Name>, got none"),
        ("Thing", "<b>Thing</b>", "line 4, column 7: expected text in <Name>, got <b>"),
        (
            "<Name>Thing",
            "<Name>A</Name><Name>Thing",
            "line 4, column 15: expected one <Name> in <Object>, got a second one",
        ),
        (
            "<ObjectID>32769",
            "<ObjectID>65535",
            "line 5, column 1: expected an object id from 0 to 65534, got \"65535\"",
        ),
        (
            "<ObjectID>32769",
            "<ObjectID>+3",
            "line 5, column 1: expected an object id from 0 to 65534, got \"+3\"",
        ),
        (
            "<ObjectID>32769",
            "<ObjectID>",
            "line 5, column 1: expected an object id from 0 to 65534, got \"\"",
        ),
        (
            "<ObjectURN>urn:oma:lwm2m:x:32769:1.1</ObjectURN>",
            "",
            "line 3, column 1: expected <ObjectURN> in <Object>, got none",
        ),
        (
            "<Mandatory>Optional</Mandatory>\n",
            "<ObjectVersion>1</ObjectVersion><Mandatory>Optional</Mandatory>\n",
            "line 8, column 1: expected an object version major.minor, got \"1\"",
        ),
        (
            "Multiple<",
            "Many<",
            "line 7, column 1: expected Multiple or Single in <MultipleInstances>, got \"Many\"",
        ),
        (
            "<MultipleInstances>Multiple</MultipleInstances>",
            "",
            "line 3, column 1: expected <MultipleInstances> in <Object>, got none",
        ),
        (
            "<Mandatory>Optional</Mandatory>\n",
            "<Mandatory>optional</Mandatory>\n",
            "line 8, column 1: expected Mandatory or Optional in <Mandatory>, got \"optional\"",
        ),
        ("Resources>", "Items>", "line 3, column 1: expected <Resources> in <Object>, got none"),
        (" ID=\"1\"", "", "line 10, column 1: expected an attribute ID of <Item>, got none"),
        (
            "ID=\"1\"",
            "ID=\"65535\"",
            "line 10, column 1: expected a resource id from 0 to 65534, got \"65535\"",
        ),
        ("<Name>Value</Name>", "", "line 10, column 1: expected <Name> in <Item>, got none"),
        ("<Operations>RW</Operations>", "", "line 10, column 1: expected <Operations> in <Item>, got none"),
        (">RW<", ">RWE<", "line 10, column 32: expected R, W, RW, E or nothing in <Operations>, got \"RWE\""),
        ("<Type>Float</Type>", "", "line 10, column 1: expected <Type> in <Item>, got none"),
        (">Float<", ">Double<", "line 10, column 135: expected a type or nothing in <Type>, got \"Double\""),
        (">RW<", ">E<", "line 10, column 134: expected no type of an executable resource, got \"Float\""),
        (
            "Single<",
            "Twice<",
            "line 10, column 59: expected Multiple or Single in <MultipleInstances>, got \"Twice\"",
        ),
        (
            "Optional</Mandatory><Type>",
            "Maybe</Mandatory><Type>",
            "line 10, column 104: expected Mandatory or Optional in <Mandatory>, got \"Maybe\"",
        ),
        (
            "</Item>",
            "</Item>\n<Item ID=\"1\"><Name>B</Name><Operations/><MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Type/></Item>",
            "line 11, column 1: expected every resource once, got resource 1 again",
        ),
    ];
    let mut wrong = String::new();
    for (from, to, message) in cases {
        let xml = if from.is_empty() { to.to_owned() } else { file(ITEM).replace(from, to) };
        let said =
            ddf::parse(xml.as_bytes()).map_or_else(|error| error.to_string(), |_| "nothing".to_owned());
        if said != message {
            writeln!(wrong, "{from} → {to}\n  said     {said}\n  expected {message}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn executables_are_single() {
    let item = ITEM.replace(">RW<", ">E<").replace("Single", "Multiple").replace(">Float<", "><");
    let error = ddf::parse(file(&item).as_bytes()).unwrap_err();
    assert_eq!((error.line, error.column), (10, 58));
    assert_eq!(error.expected, "Single of an executable resource");
}

#[test]
fn bounds_are_kept() {
    let told = |xml: &[u8]| ddf::parse(xml).unwrap_err().to_string();
    assert_eq!(
        told(&vec![b' '; limits::DDF_MAX + 1]),
        "line 1, column 1: expected a file of at most 1048576 bytes, got 1048577 bytes"
    );
    assert_eq!(told(b"\xef\xbb\xbf<a>\n\xc3\xbc\xff"), "line 2, column 2: expected UTF-8, got the byte 0xff");
    assert_eq!(told(b"<a>\xf0\x9f"), "line 1, column 4: expected UTF-8, got the byte 0xf0");
    let many: String =
        (0..=limits::RESOURCES_MAX).map(|id| ITEM.replace("\"1\"", &format!("\"{id}\""))).collect();
    assert!(told(file(&many).as_bytes()).ends_with("expected at most 4096 resources of an object, got more"));
    // None of these may take long, or end the program.
    let deep = format!("{}{}", "<a>".repeat(140_000), "</a>".repeat(140_000));
    assert!(told(deep.as_bytes()).contains("got <a>"));
    assert!(told(format!("<a>{}</a>", "<b/>".repeat(250_000)).as_bytes()).contains("nodes limit"));
    let attributes: String = (0..90_000).map(|number| format!("a{number}='' ")).collect();
    assert!(told(format!("<a {attributes}/>").as_bytes()).contains("tags of at most"));
    let entities = format!("<LWM2M>{}</LWM2M>", "&lt;".repeat(200_000));
    assert!(told(entities.as_bytes()).contains("<Object> in <LWM2M>"));
}

/// A damaged file: pieces removed, doubled, replaced by bytes or by pieces of markup.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&#x0;",
        "&amp;",
        "<!DOCTYPE",
        "<Item ID=\"",
        "E",
        "\u{FEFF}",
    ];
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        proptest::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    let edit = (any::<Index>(), 0_usize..40, piece);
    let original =
        prop_oneof![Just(file(ITEM).into_bytes()), Just(fs::read(assets().join("ddf/2.xml")).unwrap())];
    (original, proptest::collection::vec(edit, 1..8)).prop_map(|(mut xml, edits)| {
        for (at, removed, inserted) in edits {
            let start = at.index(xml.len() + 1);
            let end = (start + removed).min(xml.len());
            xml.splice(start..end, inserted);
        }
        xml
    })
}

proptest! {
    #[test]
    fn damaged_files_never_panic(xml in damaged()) {
        if let Err(error) = ddf::parse(&xml) {
            prop_assert!(error.line >= 1 && error.column >= 1 && !error.expected.is_empty());
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(xml in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(ddf::parse(&xml).is_err());
    }
}
