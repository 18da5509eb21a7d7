//! The document of the REST interface, held against what the server really does.

mod schema;

use anyhow::{Context as _, Result, ensure};
use coap::{Code, Options};
use console_api::{Operation, OperationRequest};
use schema::violations;
use serde_json::Value;
use whole_program_tests::{Answer, TestContext};

const PATH: &str = "/3303/0/5700";

const ALL_CREDENTIALS: &str = "/api/v1/credentials";

const CONFIGURATIONS: &str = "/api/v1/bootstrap/configurations";

const ONE_CONFIGURATION: &str = "/api/v1/bootstrap/configurations/{id}";

const BOOTSTRAPS: &str = "/api/v1/bootstrap/sessions";

const CONFIGURATION: &str = r#"{"name":"all","assigned":["default"],
    "servers":[{"uri":"coap://192.0.2.1:5683","short_server_id":1,"security_mode":"no_sec"}],
    "access_control":[{"object":3,"object_instance":0,"acl":{"1":1},"owner":1}],
    "instances":[{"path":"/3/0","values":[{"path":"14","value":"+01:00"}]}]}"#;

const HISTORY: &str = "/api/v1/clients/{endpoint}/history";

async fn document(context: &TestContext) -> Result<Value> {
    context.rest.get("/api/v1/openapi.json").await?.json(200)
}

/// Asks, and compares status and body with what is documented of the path.
async fn check(
    context: &TestContext,
    document: &Value,
    method: &str,
    (template, asked): (&str, &str),
    body: &str,
) -> Result<Answer> {
    let host = context.http.to_string();
    let json = [("host", host.as_str()), ("content-type", "application/json")];
    let headers = if body.is_empty() { &json[..1] } else { &json[..] };
    let answer = context.rest.request(method, asked, headers, body).await?;
    let shown = format!("{method} {asked}: {} {}", answer.status, answer.body);
    let operation = &document["paths"][template][method.to_lowercase()];
    let response = &operation["responses"][answer.status.to_string()];
    ensure!(response.is_object(), "{shown}: the status is not documented");
    let Some(content) = response["content"].as_object() else {
        ensure!(answer.body.is_empty(), "{shown}: no body is documented");
        return Ok(answer);
    };
    let content_type =
        answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    let described =
        content.get(content_type).with_context(|| format!("{shown}: {content_type} is not documented"))?;
    if content_type == "application/json" {
        let found = violations(document, &described["schema"], &serde_json::from_str(&answer.body)?);
        ensure!(found.is_empty(), "{shown}: {found:#?}");
    }
    Ok(answer)
}

/// A device with a value, an observation, and all that operators can add.
async fn busy_server() -> Result<TestContext> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>;ver=1.1").await?;
    let observe = OperationRequest::new(Operation::Observe, PATH);
    tokio::try_join!(context.operate("lamp", &observe), async {
        let request = peer.receive_request(Code::GET, PATH).await?;
        let options = Options::new().with_observe(1).with_content_format(0);
        peer.answer(&request, Code::CONTENT, options, b"21.0").await
    })?;
    Ok(context)
}

#[tokio::test]
async fn every_documented_method_is_there_and_no_other() -> Result<()> {
    let context = TestContext::start().await?;
    let document = document(&context).await?;
    for (template, item) in document["paths"].as_object().context("paths")? {
        let asked = template.replace("{endpoint}", "x").replace("{id}", "7");
        let asked = asked.replace("{version}", "1.0").replace("{name}", "n");
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let host = context.http.to_string();
            let answer = context.rest.request(method, &asked, &[("host", &host)], "").await?;
            let documented = item.get(method.to_lowercase()).is_some();
            assert_eq!(answer.status != 405, documented, "{method} {asked}: {answer:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn answers_are_as_documented() -> Result<()> {
    let context = busy_server().await?;
    let document = document(&context).await?;
    let client = "/api/v1/clients/{endpoint}";
    let lamp = "/api/v1/clients/lamp";
    let label = r#"{"name":"Hall","tags":["a"],"notes":"n"}"#;
    let objects = r#"{"33000":{"multiple":true,"resources":[
        {"id":0,"type":"float","multiple":false,"operations":"R","mandatory":true}]}}"#;
    for (method, template, asked, body) in [
        ("PUT", "/api/v1/clients/{endpoint}/label", "/api/v1/clients/lamp/label", label),
        ("GET", "/api/v1/clients", "/api/v1/clients?text=hall&sort=heard", ""),
        ("GET", "/api/v1/clients", "/api/v1/clients?sort=colour", ""),
        ("GET", client, lamp, ""),
        ("GET", client, "/api/v1/clients/nobody", ""),
        ("DELETE", "/api/v1/clients/{endpoint}/refusals", "/api/v1/clients/lamp/refusals", ""),
        ("PUT", "/api/v1/clients/{endpoint}/config", "/api/v1/clients/lamp/config", r#"{"awake_s":30}"#),
        ("PUT", "/api/v1/clients/{endpoint}/config", "/api/v1/clients/lamp/config", r#"{"awake_s":0}"#),
        ("GET", "/api/v1/commands", "/api/v1/commands?state=answered&text=observe", ""),
        ("GET", "/api/v1/commands", "/api/v1/commands?state=blue", ""),
        ("GET", "/api/v1/commands/{id}", "/api/v1/commands/1", ""),
        ("GET", "/api/v1/commands/{id}", "/api/v1/commands/x", ""),
        ("DELETE", "/api/v1/commands/{id}", "/api/v1/commands/1", ""),
        ("POST", "/api/v1/commands/{id}/retry", "/api/v1/commands/1/retry", ""),
        ("POST", "/api/v1/commands/{id}/retry", "/api/v1/commands/9999/retry", ""),
        ("GET", HISTORY, "/api/v1/clients/lamp/history?limit=1", ""),
        ("GET", HISTORY, "/api/v1/clients/lamp/history?path=/3303/0/5700&buckets=10", ""),
        ("GET", HISTORY, "/api/v1/clients/lamp/history?from=now", ""),
        ("GET", "/api/v1/clients/{endpoint}/history.csv", "/api/v1/clients/lamp/history.csv", ""),
        ("GET", "/api/v1/clients/{endpoint}/history.jsonl", "/api/v1/clients/lamp/history.jsonl", ""),
        ("GET", "/api/v1/history.csv", "/api/v1/history.csv?endpoint=lamp", ""),
        ("GET", "/api/v1/history.jsonl", "/api/v1/history.jsonl?to=5", ""),
        ("GET", "/api/v1/server/retention", "/api/v1/server/retention", ""),
        ("PUT", "/api/v1/server/retention", "/api/v1/server/retention", r#"{"days":90,"bytes":1000000000}"#),
        ("PUT", "/api/v1/server/retention", "/api/v1/server/retention", r#"{"days":"many"}"#),
        ("GET", "/api/v1/observations", "/api/v1/observations?state=active", ""),
        ("GET", "/api/v1/observations", "/api/v1/observations?state=blue", ""),
        ("POST", CONFIGURATIONS, CONFIGURATIONS, CONFIGURATION),
        ("POST", CONFIGURATIONS, CONFIGURATIONS, r#"{"name":""}"#),
        ("POST", CONFIGURATIONS, CONFIGURATIONS, "[]"),
        ("GET", CONFIGURATIONS, CONFIGURATIONS, ""),
        (
            "POST",
            "/api/v1/bootstrap/configurations/check",
            "/api/v1/bootstrap/configurations/check",
            CONFIGURATION,
        ),
        ("GET", "/api/v1/bootstrap/configurations/export", "/api/v1/bootstrap/configurations/export", ""),
        (
            "POST",
            "/api/v1/bootstrap/configurations/import",
            "/api/v1/bootstrap/configurations/import",
            "[{}]",
        ),
        ("PUT", ONE_CONFIGURATION, "/api/v1/bootstrap/configurations/1?version=7", CONFIGURATION),
        ("PUT", ONE_CONFIGURATION, "/api/v1/bootstrap/configurations/1", CONFIGURATION),
        ("GET", ONE_CONFIGURATION, "/api/v1/bootstrap/configurations/1", ""),
        ("GET", ONE_CONFIGURATION, "/api/v1/bootstrap/configurations/9", ""),
        (
            "GET",
            "/api/v1/bootstrap/configurations/{id}/versions",
            "/api/v1/bootstrap/configurations/1/versions",
            "",
        ),
        (
            "POST",
            "/api/v1/bootstrap/configurations/{id}/rollback",
            "/api/v1/bootstrap/configurations/1/rollback?version=1",
            "",
        ),
        ("GET", "/api/v1/bootstrap/assignment", "/api/v1/bootstrap/assignment?endpoint=x", ""),
        ("GET", "/api/v1/bootstrap/assignment", "/api/v1/bootstrap/assignment", ""),
        ("GET", BOOTSTRAPS, "/api/v1/bootstrap/sessions?state=failed", ""),
        ("GET", BOOTSTRAPS, "/api/v1/bootstrap/sessions?state=blue", ""),
        ("POST", BOOTSTRAPS, BOOTSTRAPS, r#"{"endpoint":"lamp"}"#),
        ("POST", BOOTSTRAPS, BOOTSTRAPS, r#"{"colour":"red"}"#),
        ("GET", "/api/v1/bootstrap/sessions/{id}", "/api/v1/bootstrap/sessions/1", ""),
        ("POST", "/api/v1/clients/{endpoint}/bootstrap", "/api/v1/clients/nobody/bootstrap", ""),
        ("DELETE", ONE_CONFIGURATION, "/api/v1/bootstrap/configurations/1", ""),
        ("POST", "/api/v1/objects", "/api/v1/objects", objects),
        ("POST", "/api/v1/objects", "/api/v1/objects", "{"),
        ("GET", "/api/v1/objects", "/api/v1/objects?text=battery%20level", ""),
        ("GET", "/api/v1/objects/uploaded", "/api/v1/objects/uploaded", ""),
        ("GET", "/api/v1/objects/{id}", "/api/v1/objects/3?version=1.1", ""),
        ("GET", "/api/v1/objects/{id}", "/api/v1/objects/65000", ""),
        ("DELETE", "/api/v1/objects/{id}/{version}", "/api/v1/objects/33000/1.0", ""),
        ("DELETE", "/api/v1/objects/{id}/{version}", "/api/v1/objects/33000/1.0", ""),
        ("POST", ALL_CREDENTIALS, ALL_CREDENTIALS, r#"{"endpoint":"m","mode":"psk","generate":true}"#),
        (
            "POST",
            ALL_CREDENTIALS,
            ALL_CREDENTIALS,
            r#"{"endpoint":"m","mode":"psk","identity":"m","key":"00"}"#,
        ),
        ("POST", ALL_CREDENTIALS, ALL_CREDENTIALS, r#"{"mode":1}"#),
        ("GET", ALL_CREDENTIALS, "/api/v1/credentials?endpoint=m&state=active", ""),
        ("GET", ALL_CREDENTIALS, "/api/v1/credentials?state=blue", ""),
        ("POST", "/api/v1/credentials/import", "/api/v1/credentials/import?format=json&dry_run=true", "[{}]"),
        ("POST", "/api/v1/credentials/import", "/api/v1/credentials/import?format=xml", "[{}]"),
        ("GET", "/api/v1/credentials/{id}", "/api/v1/credentials/1", ""),
        ("GET", "/api/v1/credentials/{id}", "/api/v1/credentials/x", ""),
        ("POST", "/api/v1/credentials/{id}/rotate", "/api/v1/credentials/1/rotate", r#"{"generate":true}"#),
        ("DELETE", "/api/v1/credentials/{id}", "/api/v1/credentials/1", ""),
        ("POST", "/api/v1/credentials/{id}/revoke", "/api/v1/credentials/1/revoke", ""),
        ("POST", "/api/v1/credentials/{id}/revoke", "/api/v1/credentials/99/revoke", ""),
        ("DELETE", "/api/v1/credentials/{id}", "/api/v1/credentials/1", ""),
        ("POST", "/api/v1/security/certificates", "/api/v1/security/certificates", r#"{"endpoint":"n"}"#),
        ("POST", "/api/v1/security/authority", "/api/v1/security/authority", r#"{"names":[]}"#),
        ("POST", "/api/v1/security/authority", "/api/v1/security/authority", r#"{"names":["a.example"]}"#),
        ("POST", "/api/v1/security/certificates", "/api/v1/security/certificates", r#"{"endpoint":"n"}"#),
        ("GET", "/api/v1/security/server", "/api/v1/security/server", ""),
        ("GET", "/api/v1/security/handshakes", "/api/v1/security/handshakes", ""),
        ("GET", "/api/v1/audit", "/api/v1/audit?endpoint=lamp&limit=5", ""),
        ("GET", "/api/v1/audit", "/api/v1/audit?after=-1", ""),
        ("GET", "/api/v1/trace", "/api/v1/trace?endpoint=lamp", ""),
        ("GET", "/api/v1/trace", "/api/v1/trace?limit=-1", ""),
        ("GET", "/api/v1/trace.pcap", "/api/v1/trace.pcap", ""),
        ("GET", "/api/v1/events", "/api/v1/events?after=0", ""),
        ("GET", "/api/v1/ws", "/api/v1/ws", ""),
        ("POST", "/api/v1/simulated-devices", "/api/v1/simulated-devices", r#"{"count":1}"#),
        ("POST", "/api/v1/simulated-devices", "/api/v1/simulated-devices", r#"{"count":0}"#),
        ("GET", "/api/v1/simulated-devices", "/api/v1/simulated-devices", ""),
        ("DELETE", "/api/v1/simulated-devices", "/api/v1/simulated-devices", ""),
        ("GET", "/api/v1/server", "/api/v1/server", ""),
        ("GET", "/api/v1/openapi.json", "/api/v1/openapi.json", ""),
        ("GET", "/healthz", "/healthz", ""),
        ("GET", "/licences.txt", "/licences.txt", ""),
        ("DELETE", client, lamp, ""),
        ("DELETE", client, lamp, ""),
    ] {
        check(&context, &document, method, (template, asked), body).await?;
    }
    Ok(())
}

#[tokio::test]
async fn access_control_is_as_documented() -> Result<()> {
    let context = busy_server().await?;
    let document = document(&context).await?;
    let of_client = |what: &str| {
        let of = |endpoint: &str| format!("/api/v1/clients/{endpoint}/access-control{what}");
        (of("{endpoint}"), of("lamp"))
    };
    let whole = |what: &str| {
        let at = format!("/api/v1/access-control{what}");
        (at.replace("/1", "/{id}").replace("/sensors", "/{name}"), at)
    };
    let begun =
        r#"{"base":[],"instances":[{"id":0,"object":3,"object_instance":0,"owner":1,"acl":{"1":15}}]}"#;
    let rules = r#"{"rules":[{"object":3303,"acl":{"102":1}}]}"#;
    let planned = r#"{"endpoints":["gone"],"template":"sensors","dry_run":true}"#;
    for (method, (template, asked), body) in [
        ("GET", of_client("/draft"), ""),
        ("PUT", of_client("/draft"), begun),
        ("PUT", of_client("/draft"), begun),
        ("PUT", of_client("/draft"), "[]"),
        ("GET", of_client("/draft"), ""),
        ("DELETE", of_client("/draft"), ""),
        ("PUT", whole("/servers"), r#"{"names":{"101":"a"}}"#),
        ("PUT", whole("/servers"), r#"{"names":{"0":"a"}}"#),
        ("GET", whole("/servers"), ""),
        ("PUT", whole("/templates/sensors"), rules),
        ("PUT", whole("/templates/sensors"), r#"{"rules":[]}"#),
        ("GET", whole("/templates/sensors"), ""),
        ("GET", whole("/templates"), ""),
        ("POST", whole("/runs"), planned),
        ("POST", whole("/runs"), "{}"),
        ("POST", whole("/runs"), r#"{"colour":"red"}"#),
        ("GET", whole("/runs"), ""),
        ("GET", whole("/runs/1"), ""),
        ("GET", whole("/runs/1/devices"), ""),
        ("POST", whole("/runs/1/apply"), ""),
        ("POST", whole("/runs/1/cancel"), ""),
        ("DELETE", whole("/templates/sensors"), ""),
        ("DELETE", whole("/templates/sensors"), ""),
    ] {
        check(&context, &document, method, (&template, &asked), body).await?;
    }
    let known = "/api/v1/clients/lamp/access-control?known=true";
    check(&context, &document, "GET", (&of_client("").0, known), "").await?;
    Ok(())
}

#[tokio::test]
async fn boards_are_as_documented() -> Result<()> {
    let context = TestContext::start().await?;
    let document = document(&context).await?;
    let (all, one) = ("/api/v1/boards", "/api/v1/boards/{id}");
    let series = r#"[{"endpoint":"lamp","path":"/3303/0/5700"}]"#;
    let tile = format!(r#"{{"kind":"value","x":0,"y":0,"width":2,"height":2,"series":{series}}}"#);
    let board = format!(r#"{{"name":"Cellar","version":1,"span_ms":60000,"tiles":[{tile}]}}"#);
    for (method, template, asked, body) in [
        ("POST", all, all, board.as_str()),
        ("POST", all, all, "{}"),
        ("POST", all, all, r#"{"colour":"red"}"#),
        ("GET", all, all, ""),
        ("GET", one, "/api/v1/boards/1", ""),
        ("GET", one, "/api/v1/boards/x", ""),
        ("PUT", one, "/api/v1/boards/1", &board),
        ("PUT", one, "/api/v1/boards/1", &board),
        ("PUT", one, "/api/v1/boards/1", "{}"),
        ("PUT", one, "/api/v1/boards/9", &board),
        ("DELETE", one, "/api/v1/boards/1", ""),
        ("DELETE", one, "/api/v1/boards/1", ""),
    ] {
        check(&context, &document, method, (template, asked), body).await?;
    }
    Ok(())
}

#[tokio::test]
async fn operations_are_as_documented() -> Result<()> {
    let context = TestContext::start().await?;
    let document = document(&context).await?;
    let devices = r#"{"count":1,"profile":"sensor"}"#;
    let started = context.rest.post("/api/v1/simulated-devices", devices).await?;
    let endpoint = started.json::<console_api::SimulatedDevices>(201)?.endpoints.remove(0);
    context.registered(&endpoint).await?;
    let template = "/api/v1/clients/{endpoint}/operations";
    let asked = format!("/api/v1/clients/{}/operations", whole_program_tests::encode_segment(&endpoint));
    let examples =
        &document["paths"][template]["post"]["requestBody"]["content"]["application/json"]["examples"];
    let examples = examples.as_object().context("examples")?;
    let request = serde_json::json!({ "$ref": "#/components/schemas/OperationRequest" });
    for (name, example) in examples {
        let found = violations(&document, &request, &example["value"]);
        ensure!(found.is_empty(), "{name}: {found:#?}");
        let answer =
            check(&context, &document, "POST", (template, &asked), &example["value"].to_string()).await?;
        let expected = if example["value"]["wait"] == "accepted" { 202 } else { 200 };
        assert_eq!(answer.status, expected, "{name}: {}", answer.body);
    }
    for (body, status) in [
        (r#"{"op":"discover","path":"/3"}"#, 200),
        (r#"{"op":"read","path":"3"}"#, 400),
        (r#"{"op":"fly"}"#, 422),
    ] {
        let answer = check(&context, &document, "POST", (template, &asked), body).await?;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
    Ok(())
}
