//! The Bootstrap-Server from outside: its configurations over REST, its devices as datagrams.

mod configurations;
mod credentials;
mod now;
mod refusals;
mod roles;
mod sessions;

use anyhow::{Result, ensure};
use coap::{Code, Message, Options};
use console_api::{
    BootstrapConversation, BootstrapSession, BootstrapSessionList, SavedBootstrapConfiguration,
};
use serde_json::{Value, json};
use whole_program_tests::{RawPeer, TestContext, wait};

const CONFIGURATIONS: &str = "/api/v1/bootstrap/configurations";
const SESSIONS: &str = "/api/v1/bootstrap/sessions";

/// What a device of LwM2M 1.1 tells of itself.
const TREE: &str = "</>;lwm2m=1.1,</0/0>;uri=\"coap://192.0.2.1\",</1>,</2>,</3/0>";

async fn save(context: &TestContext, configuration: &Value) -> Result<SavedBootstrapConfiguration> {
    context.rest.post(CONFIGURATIONS, &configuration.to_string()).await?.json(201)
}

/// An account with the server, without Discover.
fn account(context: &TestContext, name: &str, assigned: Value, security_mode: &str) -> Value {
    let uri = if security_mode == "no_sec" { context.coap_uri() } else { context.coaps_uri() };
    json!({
        "name": name,
        "assigned": [assigned],
        "discover": false,
        "servers": [{ "uri": uri, "short_server_id": 101, "security_mode": security_mode }],
    })
}

async fn ask(peer: &mut RawPeer, endpoint: &str) -> Result<Message> {
    peer.exchange(Code::POST, Options::new().with_path("/bs").with_query(&format!("ep={endpoint}")), b"")
        .await
}

/// Answers what the Bootstrap-Server asks as a device that takes everything, until Finish. Brings what was asked.
async fn take_all(peer: &RawPeer) -> Result<Vec<Message>> {
    let mut asked = Vec::new();
    loop {
        let request = peer.receive().await?;
        let (code, options, payload) = match request.code {
            Code::GET => (Code::CONTENT, Options::new().with_content_format(40), TREE.as_bytes()),
            Code::DELETE => (Code::DELETED, Options::new(), &b""[..]),
            _ => (Code::CHANGED, Options::new(), &b""[..]),
        };
        peer.answer(&request, code, options, payload).await?;
        let is_finish = request.code == Code::POST;
        asked.push(request);
        if is_finish {
            return Ok(asked);
        }
    }
}

/// A whole bootstrap of a device that takes everything.
async fn bootstrap(peer: &mut RawPeer, endpoint: &str) -> Result<Vec<Message>> {
    let accepted = ask(peer, endpoint).await?;
    ensure!(accepted.code == Code::CHANGED, "{accepted:?}");
    take_all(peer).await
}

async fn sessions(context: &TestContext, query: &str) -> Result<Vec<BootstrapSession>> {
    let list: BootstrapSessionList = context.rest.get(&format!("{SESSIONS}{query}")).await?.json(200)?;
    Ok(list.sessions)
}

async fn conversation(context: &TestContext, id: u64) -> Result<BootstrapConversation> {
    context.rest.get(&format!("{SESSIONS}/{id}")).await?.json(200)
}

/// Waits until the newest session is over.
async fn over(context: &TestContext) -> Result<BootstrapSession> {
    wait::until("the session to be over", async || {
        let newest = sessions(context, "?limit=1").await?.pop();
        Ok(newest.filter(|session| session.ended_at_ms.is_some()))
    })
    .await
}

fn path(message: &Message) -> Result<String> {
    Ok(format!("/{}", message.options.uri_path()?.join("/")))
}

/// What was asked, as `PUT /0/0`.
fn in_words(asked: &[Message]) -> Result<Vec<String>> {
    let word = |code| match code {
        Code::GET => "GET",
        Code::PUT => "PUT",
        Code::DELETE => "DELETE",
        _ => "POST",
    };
    asked.iter().map(|message| Ok(format!("{} {}", word(message.code), path(message)?))).collect()
}
