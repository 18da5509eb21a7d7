//! `/api/v1/bootstrap/configurations`

use anyhow::{Context as _, Result};
use console_api::{
    AuditList, BootstrapAssigned, BootstrapAssignment, BootstrapCheck, BootstrapConfigurationList,
    BootstrapConfigurationVersions, RefusedConfiguration, SavedBootstrapConfiguration,
};
use serde_json::{Value, json};
use whole_program_tests::{Answer, TestContext};

use super::{CONFIGURATIONS, account, bootstrap, conversation, in_words, over, path, save};

async fn list(context: &TestContext) -> Result<Vec<SavedBootstrapConfiguration>> {
    let list: BootstrapConfigurationList = context.rest.get(CONFIGURATIONS).await?.json(200)?;
    Ok(list.configurations)
}

async fn put(context: &TestContext, id: u64, version: u32, configuration: &Value) -> Result<Answer> {
    let host = context.http.to_string();
    let version = format!("\"{version}\"");
    let headers = [("host", host.as_str()), ("content-type", "application/json"), ("if-match", &version)];
    let path = format!("{CONFIGURATIONS}/{id}");
    context.rest.request("PUT", &path, &headers, &configuration.to_string()).await
}

fn fields(answer: &Answer) -> Result<Vec<String>> {
    let refused: RefusedConfiguration = answer.json(422)?;
    assert_eq!(refused.error.code, "bad_configuration");
    assert!(refused.error.details.is_some(), "{refused:?}");
    Ok(refused.check.problems.into_iter().map(|problem| problem.field).collect())
}

#[tokio::test]
async fn versions_are_kept_over_a_crash_and_rolled_back() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut meters = account(&context, "meters", json!({ "pattern": "meter-*" }), "psk");
    meters["servers"][0]["credentials"] = "same".into();
    meters["servers"][0]["identity"] = "all".into();
    meters["servers"][0]["secret_key"] = "00112233445566778899aabbccddeeff".into();
    let first = save(&context, &meters).await?;
    assert_eq!((first.id, first.version, first.configuration.servers[0].has_secret_key), (1, 1, true));
    assert_eq!(first.configuration.servers[0].secret_key, None, "it is never told");

    // The key of before is kept where none is given.
    meters["servers"][0]["secret_key"] = Value::Null;
    meters["servers"][0]["lifetime_s"] = 600.into();
    let second: SavedBootstrapConfiguration = put(&context, 1, 1, &meters).await?.json(200)?;
    assert_eq!((second.version, second.configuration.servers[0].has_secret_key), (2, true));
    assert_eq!(put(&context, 1, 1, &meters).await?.error(409)?.code, "saved_meanwhile");
    let deleted = context.rest.delete(&format!("{CONFIGURATIONS}/1?version=1")).await?;
    assert_eq!(deleted.error(409)?.code, "saved_meanwhile");

    context.crash().await?;
    assert_eq!(list(&context).await?, std::slice::from_ref(&second));
    let path = format!("{CONFIGURATIONS}/1");
    let kept: BootstrapConfigurationVersions =
        context.rest.get(&format!("{path}/versions")).await?.json(200)?;
    assert_eq!(kept.versions, [second, first.clone()]);

    let rolled: SavedBootstrapConfiguration =
        context.rest.post(&format!("{path}/rollback?version=1"), "").await?.json(200)?;
    assert_eq!((rolled.version, &rolled.configuration), (3, &first.configuration));
    let missing = context.rest.post(&format!("{path}/rollback?version=9"), "").await?;
    assert_eq!(missing.error(404)?.code, "unknown_version");

    assert_eq!(context.rest.delete(&path).await?.status, 204);
    for answer in [context.rest.get(&path).await?, context.rest.get(&format!("{path}/versions")).await?] {
        assert_eq!(answer.error(404)?.code, "unknown_configuration");
    }
    let again = save(&context, &meters).await;
    assert!(again.is_err(), "without the key of before something is missing");
    meters["servers"][0]["secret_key"] = "00112233445566778899aabbccddeeff".into();
    assert_eq!(save(&context, &meters).await?.id, 2, "an id is not given again");

    let audits: AuditList = context.rest.get("/api/v1/audit").await?.json(200)?;
    let what: Vec<_> = audits.entries.iter().map(|entry| entry.what.as_str()).collect();
    let expected = [
        "add_configuration",
        "delete_configuration",
        "roll_back_configuration",
        "save_configuration",
        "add_configuration",
    ];
    assert_eq!(what, expected);
    Ok(())
}

#[tokio::test]
async fn b_018_what_is_wrong_is_told_by_its_field() -> Result<()> {
    let context = TestContext::start().await?;
    save(&context, &account(&context, "meters", json!({ "pattern": "meter-*" }), "no_sec")).await?;

    let mut wrong = account(&context, "meters", json!({ "pattern": "meter-*" }), "no_sec");
    wrong["servers"][0]["short_server_id"] = 65_535.into();
    wrong["delete"] = json!(["/x"]);
    let refused = fields(&context.rest.post(CONFIGURATIONS, &wrong.to_string()).await?)?;
    for field in ["name", "assigned/0", "servers/0/short_server_id", "delete/0"] {
        assert!(refused.iter().any(|told| told == field), "{field} is not in {refused:?}");
    }
    let check = format!("{CONFIGURATIONS}/check");
    let checked: BootstrapCheck = context.rest.post(&check, &wrong.to_string()).await?.json(200)?;
    assert_eq!(checked.problems.len(), refused.len());
    // As a version of the one that there is, name and assignment are its own.
    let checked: BootstrapCheck =
        context.rest.post(&format!("{check}?id=1"), &wrong.to_string()).await?.json(200)?;
    assert!(checked.problems.iter().all(|problem| problem.field != "name"), "{checked:?}");

    for (body, expected) in [("{", 400), ("[]", 400), (r#"{"colour":"red"}"#, 400), (r#"{"name":5}"#, 400)] {
        let answer = context.rest.post(CONFIGURATIONS, body).await?;
        let error = answer.error(expected)?;
        assert_eq!(error.code, "bad_request", "{body}");
        assert!(error.details.is_some_and(|details| details.got.contains("line 1")), "{body}");
    }
    let host = context.http.to_string();
    let text = context.rest.request("POST", CONFIGURATIONS, &[("host", &host)], "{}").await?;
    assert_eq!(text.error(415)?.code, "not_json");
    let long = json!({ "name": "x", "note": "n".repeat(300_000) }).to_string();
    assert_eq!(context.rest.post(CONFIGURATIONS, &long).await?.status, 413);
    for path in ["/7", "/7/versions"] {
        let answer = context.rest.get(&format!("{CONFIGURATIONS}{path}")).await?;
        assert_eq!(answer.error(404)?.code, "unknown_configuration");
    }
    assert_eq!(context.rest.get(&format!("{CONFIGURATIONS}/x")).await?.error(400)?.code, "bad_request");
    assert_eq!(list(&context).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn an_import_is_whole_or_nothing_and_an_export_comes_back() -> Result<()> {
    let context = TestContext::start().await?;
    save(&context, &account(&context, "a", json!({ "endpoint": "a" }), "no_sec")).await?;
    let import = format!("{CONFIGURATIONS}/import");
    let good = account(&context, "b", json!({ "endpoint": "b" }), "no_sec");
    let taken = account(&context, "c", json!({ "endpoint": "a" }), "no_sec");
    let refused = context.rest.post(&import, &json!([good, taken]).to_string()).await?;
    assert_eq!(fields(&refused)?, ["1/assigned/0"]);
    let twice = context.rest.post(&import, &json!([good, good]).to_string()).await?;
    assert!(fields(&twice)?.contains(&"1/name".to_owned()));
    assert_eq!(list(&context).await?.len(), 1);

    // One of a name that there is becomes its next version.
    let mut changed = account(&context, "a", json!("default"), "no_sec");
    changed["note"] = "new".into();
    let both = context.rest.post(&import, &json!([good, changed]).to_string()).await?;
    both.json::<BootstrapConfigurationList>(200)?;
    let all = list(&context).await?;
    let seen: Vec<_> = all.iter().map(|saved| (saved.configuration.name.as_str(), saved.version)).collect();
    assert_eq!(seen, [("a", 2), ("b", 1)]);

    let file = context.rest.get(&format!("{CONFIGURATIONS}/export")).await?;
    assert!(file.header("content-disposition").is_some_and(|value| value.contains(".json")));
    for saved in &all {
        let path = format!("{CONFIGURATIONS}/{}", saved.id);
        assert_eq!(context.rest.delete(&path).await?.status, 204);
    }
    let back: BootstrapConfigurationList = context.rest.post(&import, &file.body).await?.json(200)?;
    let back: Vec<_> = back.configurations.into_iter().map(|saved| saved.configuration).collect();
    assert_eq!(back, all.into_iter().map(|saved| saved.configuration).collect::<Vec<_>>());
    let one: BootstrapConfigurationList = context
        .rest
        .post(&import, &account(&context, "d", json!({ "endpoint": "d" }), "no_sec").to_string())
        .await?
        .json(200)?;
    assert_eq!(one.configurations.len(), 1);
    Ok(())
}

#[tokio::test]
async fn the_most_specific_configuration_wins_and_says_why() -> Result<()> {
    let context = TestContext::start().await?;
    let assigned = async |endpoint: &str| -> Result<BootstrapAssigned> {
        context.rest.get(&format!("/api/v1/bootstrap/assignment?endpoint={endpoint}")).await?.json(200)
    };
    assert_eq!(assigned("meter-1").await?.configuration, None);
    for (name, assignment) in [
        ("rest", json!("default")),
        ("meters", json!({ "pattern": "meter-*" })),
        ("one", json!({ "endpoint": "meter-1" })),
    ] {
        save(&context, &account(&context, name, assignment, "no_sec")).await?;
    }
    let found = assigned("meter-1").await?;
    assert_eq!(found.because, Some(BootstrapAssignment::Endpoint("meter-1".to_owned())));
    let others: Vec<_> = found.others.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(others, ["meters", "rest"]);
    let names = [assigned("meter-2").await?, assigned("lamp").await?]
        .map(|found| found.configuration.map(|saved| saved.configuration.name));
    assert_eq!(names, [Some("meters".to_owned()), Some("rest".to_owned())]);
    let missing = context.rest.get("/api/v1/bootstrap/assignment").await?;
    assert_eq!(missing.error(400)?.code, "bad_query");
    Ok(())
}

/// The Bootstrap-Server writes by the definitions that there are, and not by those that there were at its start.
#[tokio::test]
async fn b_006_an_uploaded_object_is_written_at_once() -> Result<()> {
    let context = TestContext::start().await?;
    let text = crate::object_uploads::ddf("Integer");
    assert_eq!(context.rest.post("/api/v1/objects", &text).await?.status, 201);
    let mut configuration = account(&context, "all", json!("default"), "no_sec");
    configuration["instances"] = json!([{ "path": "/33000/0", "values": [{ "path": "0", "value": 7 }] }]);
    configuration["discover"] = true.into();
    save(&context, &configuration).await?;
    let mut peer = context.bootstrap_peer().await?;
    let asked = bootstrap(&mut peer, "meter").await?;
    let write = asked.iter().find(|message| path(message).is_ok_and(|path| path == "/33000/0"));
    assert_eq!(write.context("a Write")?.payload, [0xc1, 0, 7]);
    Ok(())
}

/// LwM2M 1.2 Core §6.1.7.4
#[tokio::test]
async fn b_008_what_a_configuration_reads_back_is_compared_before_finish() -> Result<()> {
    let context = TestContext::start().await?;
    let mut configuration = account(&context, "all", json!("default"), "no_sec");
    configuration["discover"] = true.into();
    configuration["read"] = json!(["/", "/1", "/2"]);
    save(&context, &configuration).await?;
    let mut peer = context.bootstrap_peer().await?;
    let asked = in_words(&bootstrap(&mut peer, "meter").await?)?;
    // Servers are read since LwM2M 1.2, which this device does not have.
    assert_eq!(asked, ["GET /", "PUT /0/1", "PUT /1/0", "GET /", "GET /2", "POST /bs"]);
    let session = over(&context).await?;
    let told = conversation(&context, session.id).await?;
    let remarks: Vec<_> = told.steps.iter().rev().skip(2).take(4).map(|step| step.remark.as_str()).collect();
    assert!(
        remarks[2].contains("not there: /0/1, /1/0") && remarks[0].contains("cannot be read"),
        "{remarks:?}"
    );
    Ok(())
}
