//! `lwm2m-console decode` and `encode`, through pipes. What they make of each payload is tested by the vectors.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use whole_program_tests::console_program;

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets").join(name)
}

/// Runs the program with lines on its standard input.
fn run(arguments: &[&str], input: &str) -> Result<Output> {
    let mut child = Command::new(console_program()?)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("stdin is piped")?;
    let input = input.to_owned();
    // The answers are read meanwhile, so that neither side waits for the other.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    // A program that has refused its arguments reads nothing.
    let _ = writer.join();
    Ok(output)
}

fn answers(output: &Output) -> Result<Vec<Value>> {
    let text = std::str::from_utf8(&output.stdout)?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}

#[test]
fn every_line_has_its_answer_in_its_place() -> Result<()> {
    let input = concat!(
        r#"{"content_format":11542,"path":"/3/0","hex":"c10964"}"#,
        "\n",
        "no JSON\n\n",
        r#"{"content_format":1542,"path":"/3/0","hex":"c109","id":"cut"}"#,
        "\n",
        r#"{"content_format":110,"path":"/40000/0","hex":"5b7b226e223a222f34303030302f302f31222c2276223a317d5d"}"#,
    );
    let output = run(&["decode"], input)?;
    assert!(output.status.success());
    let answers = answers(&output)?;
    assert_eq!(answers.len(), 4);
    let battery = json!({"ok": true, "values": [{"path": "/3/0/9", "type": "integer", "value": 100}]});
    assert_eq!(answers[0], battery);
    assert_eq!(answers[1]["error"], "BAD_REQUEST");
    assert_eq!((&answers[2]["error"], &answers[2]["id"]), (&json!("TLV_LENGTH_OVERRUN"), &json!("cut")));
    assert_eq!(answers[2]["offset"], 0);
    // Nobody has a definition of the object.
    let unknown = json!([{"path": "/40000/0/1", "type": "integer", "value": 1}]);
    assert_eq!(answers[3]["values"], unknown);
    Ok(())
}

#[test]
fn what_is_decoded_is_encoded_again() -> Result<()> {
    // Battery Level, and a resource that no Device has.
    let payload = concat!(
        "5b7b22626e223a222f332f302f222c226e223a2239222c2276223a3130307d2c",
        "7b226e223a223939222c227673223a2261227d5d"
    );
    let line = json!({"content_format": 110, "path": "/3/0", "hex": payload});
    let mut decoded = answers(&run(&["decode"], &line.to_string())?)?.remove(0);
    decoded["content_format"] = json!(110);
    decoded["path"] = json!("/3/0");
    assert_eq!(decoded["unknown"], json!([{"path": "/3/0/99", "type": "string", "value": "a"}]));
    let encoded = answers(&run(&["encode"], &decoded.to_string())?)?.remove(0);
    assert_eq!(encoded, json!({"ok": true, "hex": payload}));
    Ok(())
}

#[test]
fn definitions_are_added_from_files_of_every_kind() -> Result<()> {
    let line = json!({"content_format": 11542, "path": "/32000/0", "hex": "c10005"}).to_string();
    let undefined = answers(&run(&["decode"], &line)?)?.remove(0);
    assert_eq!(undefined["values"], json!([{"path": "/32000/0/0", "type": "raw", "value": "05"}]));
    let objects = asset("vectors/test_objects.json").display().to_string();
    let defined = answers(&run(&["decode", "--objects", &objects], &line)?)?.remove(0);
    assert_eq!(defined["values"], json!([{"path": "/32000/0/0", "type": "integer", "value": 5}]));

    // A file in XML whose object has been given another id.
    let folder = tempfile::tempdir()?;
    let xml = std::fs::read_to_string(asset("ddf/6.xml"))?;
    let path = folder.path().join("own.xml");
    std::fs::write(&path, xml.replace("<ObjectID>6</ObjectID>", "<ObjectID>26300</ObjectID>"))?;
    let line = json!({"content_format": 0, "path": "/26300/0/0", "hex": "36302e33"}).to_string();
    let own = path.display().to_string();
    let defined = answers(&run(&["decode", "--objects", &objects, "--objects", &own], &line)?)?.remove(0);
    assert_eq!(defined["values"], json!([{"path": "/26300/0/0", "type": "float", "value": 60.3}]));
    Ok(())
}

#[test]
fn a_file_that_is_no_definition_is_refused_with_its_place() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("broken.xml");
    std::fs::write(&path, "<LWM2M>\n  <Object>\n")?;
    let broken = path.display().to_string();
    for (file, told) in [(broken.as_str(), "line 3"), ("nowhere.json", "cannot read nowhere.json")] {
        let output = run(&["decode", "--objects", file], "")?;
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8(output.stderr)?;
        assert!(error.contains(file) && error.contains(told), "{error}");
    }
    Ok(())
}

#[test]
fn bytes_are_explained_to_people() -> Result<()> {
    let line = json!({"content_format": 11542, "path": "/3/0", "hex": "c10964"}).to_string();
    let output = run(&["decode", "--annotate"], &line)?;
    let text = String::from_utf8(output.stdout)?;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "/3/0, content format 11542 (TLV), 3 bytes");
    assert!(lines[1].contains("c1 09") && lines[1].ends_with("resource 9, 1 byte"), "{text}");
    assert!(lines[2].contains("64") && lines[2].ends_with("integer 100"), "{text}");
    Ok(())
}
