//! Every worked case of access control is decided in the browser as it is stated, and for the reason that is given natively.

// A case that is none fails the test.
#[allow(clippy::unwrap_used)]
#[path = "../../../crates/lwm2m-model/tests/acl_case/mod.rs"]
mod acl_case;

use acl_case::{Context, Request, decide};
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use whole_program_tests::{Lab, asset, definitions};

#[derive(Deserialize)]
struct Question {
    context: Context,
    request: Request,
}

/// What the browser says.
#[derive(Deserialize)]
struct Decided {
    outcome: String,
    reason: String,
    allowed: Vec<String>,
    effects: Vec<String>,
    may_differ: Vec<String>,
}

#[tokio::test]
async fn every_case_of_access_control_is_decided_in_the_browser() -> Result<()> {
    let file: Value = serde_json::from_slice(&asset("vectors/acl_cases.json")?)?;
    let cases = file["cases"].as_array().context("no cases")?;
    let line = |case: &Value| serde_json::json!({ "context": case["context"], "request": case["request"] });
    let lines: Vec<String> = cases.iter().map(|case| line(case).to_string()).collect();
    let registry = definitions()?;
    Lab::run("wasm_access_control", async |lab| {
        let decided = lab.decide(&lines).await?;
        ensure!(decided.len() == cases.len(), "{} cases have {} answers", cases.len(), decided.len());
        for (case, (line, there)) in cases.iter().zip(lines.iter().zip(&decided)) {
            check(case, line, there, &registry).with_context(|| format!("{}: {there}", case["id"]))?;
        }
        Ok(())
    })
    .await
}

fn check(case: &Value, line: &str, there: &str, registry: &lwm2m_model::Registry) -> Result<()> {
    let there: Decided = serde_json::from_str(there)?;
    let code = case["expect"]["code"].as_str();
    let said = there.outcome.split(' ').next().filter(|_| code.is_some());
    ensure!(said == code, "expected {code:?}, got {said:?}");
    if let Some(paths) = case["expect"]["paths"].as_array() {
        let paths: Vec<_> = paths.iter().filter_map(Value::as_str).collect();
        ensure!(there.allowed == paths, "expected {paths:?}, got {:?}", there.allowed);
    }
    let Question { context, request } = serde_json::from_str(line)?;
    let here = decide(&context, &request, registry);
    let here = [
        vec![here.outcome.to_string(), here.reason.to_string()],
        here.allowed.iter().map(ToString::to_string).collect(),
        here.effects.iter().map(ToString::to_string).collect(),
        here.may_differ.iter().map(ToString::to_string).collect(),
    ];
    let there = [vec![there.outcome, there.reason], there.allowed, there.effects, there.may_differ];
    ensure!(here == there, "native  {here:?}\nbrowser {there:?}");
    Ok(())
}
