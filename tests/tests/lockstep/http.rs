//! The REST interface by itself: who may ask, and what a mistake looks like.

use anyhow::Result;
use whole_program_tests::TestContext;

const OPERATIONS: &str = "/api/v1/clients/lamp/operations";

/// Against DNS rebinding: only the names of this server are served.
#[tokio::test]
async fn a_foreign_host_is_refused() -> Result<()> {
    let context = TestContext::start().await?;
    for host in ["evil.example", "evil.example:8080", "127.0.0.1:1", ""] {
        let answer = context.rest.request("GET", "/api/v1/clients", &[("host", host)], "").await?;
        assert!([400, 403, 421].contains(&answer.status), "{host}: {answer:?}");
    }
    let own = format!("localhost:{}", context.http.port());
    let answer = context.rest.request("GET", "/api/v1/clients", &[("host", &own)], "").await?;
    assert_eq!(answer.status, 200);
    Ok(())
}

/// A page of another site must not operate devices through the operator's browser.
#[tokio::test]
async fn a_foreign_origin_is_refused() -> Result<()> {
    let context = TestContext::start().await?;
    let host = context.http.to_string();
    for origin in ["http://evil.example", "null", &format!("https://{host}"), "http://127.0.0.1:1"] {
        let headers = [("host", host.as_str()), ("origin", origin), ("content-type", "application/json")];
        let body = r#"{"op":"read","path":"/3/0/0"}"#;
        let answer = context.rest.request("POST", OPERATIONS, &headers, body).await?;
        assert_eq!(answer.status, 403, "{origin}: {answer:?}");
        assert_eq!(answer.error(403)?.code, "foreign_origin");
        let upgrade = [
            ("host", host.as_str()),
            ("origin", origin),
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let answer = context.rest.request("GET", "/api/v1/ws", &upgrade, "").await?;
        assert_eq!(answer.status, 403, "{origin}: {answer:?}");
    }
    Ok(())
}

/// A form can be sent across sites without asking first; JSON cannot.
#[tokio::test]
async fn only_json_changes_anything() -> Result<()> {
    let context = TestContext::start().await?;
    let host = context.http.to_string();
    let headers = [("host", host.as_str()), ("content-type", "text/plain")];
    let answer = context.rest.request("POST", OPERATIONS, &headers, r#"{"op":"read","path":"/3"}"#).await?;
    assert_eq!(answer.status, 415, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn errors_say_what_was_expected_and_what_came() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3/0>").await?;
    let unknown = context.rest.get("/api/v1/clients/nobody").await?.error(404)?;
    assert_eq!(unknown.code, "unknown_client");
    assert!(unknown.message.contains("nobody"), "{unknown:?}");

    let mistakes = [
        (r#"{"op":"read","path":"3/0/0"}"#, 400),
        (r#"{"op":"read","path":"/3/0/x"}"#, 400),
        (r#"{"op":"read","path":"/3/0/0","valeu":1}"#, 422),
        (r#"{"op":"fly","path":"/3/0/0"}"#, 422),
        (r#"{"op":"write","path":"/3/0/15"}"#, 400),
        (r#"{"op":"write","path":"/3/0/15","payload_hex":"zz","content_format":0}"#, 400),
        (r#"{"op":"execute","path":"/3/0/4","value":1}"#, 400),
        (r#"{"op":"execute","path":"/3/0"}"#, 400),
        (r#"{"op":"read"}"#, 400),
        (r#"{"op":"read-composite"}"#, 400),
        (r#"{"op":"read-composite","paths":[]}"#, 400),
        (r#"{"op":"read-composite","paths":["3"]}"#, 400),
        (r#"{"op":"read-composite","path":"/3","paths":["/3"]}"#, 400),
        (r#"{"op":"write-composite"}"#, 400),
        (r#"{"op":"write-attributes","path":"/3"}"#, 400),
        (r#"{"op":"write-attributes","path":"/3","attributes":{"speed":1}}"#, 400),
        (r#"{"op":"write-attributes","path":"/3","attributes":{"pmin":-1}}"#, 400),
        (r#"{"op":"create","path":"/3303/0/5700"}"#, 400),
        (r#"{"op":"create","path":"/16","values":[{"path":"/3/0/15","value":"UTC"}]}"#, 400),
        (r#"{"op":"delete","path":"/3"}"#, 400),
        (r#"{"op":"cancel-observation","path":"/3/0"}"#, 400),
        (r#"{"op":"observe","path":"/3/0","how":"active"}"#, 400),
        (r"{", 400),
    ];
    for (body, status) in mistakes {
        let error = context.rest.post(OPERATIONS, body).await?.error(status)?;
        assert!(!error.message.is_empty(), "{body}");
    }
    let answer = context.rest.post("/api/v1/clients/nobody/operations", r#"{"op":"read","path":"/3"}"#);
    assert_eq!(answer.await?.error(404)?.code, "unknown_client");
    assert_eq!(context.rest.get("/api/v1/nothing").await?.status, 404);
    peer.expect_silence().await
}

#[tokio::test]
async fn every_answer_carries_the_policy_for_browsers() -> Result<()> {
    let context = TestContext::start().await?;
    for path in ["/", "/api/v1/clients", "/assets/none.js"] {
        let answer = context.rest.get(path).await?;
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'"), "{path}: {answer:?}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    assert_eq!(context.rest.get("/assets/none.js").await?.status, 404);
    Ok(())
}
