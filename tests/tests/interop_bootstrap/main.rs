//! Bootstrap with Eclipse Leshan at the other end: its client with our Bootstrap-Server, our simulated devices with its.

mod client;
mod server;

use anyhow::Result;
use console_api::{Operation, OperationRequest};
use serde_json::json;
use whole_program_tests::TestContext;

/// With a Bootstrap-Server.
const BOOTSTRAP_KEY: &str = "101112131415161718191a1b1c1d1e1f";
/// With an LwM2M Server, where nobody makes one.
const SERVER_KEY: &str = "30313233343536373839616263646566";

/// A pre-shared key of a device, with the server of that name.
async fn add_psk(context: &TestContext, server: &str, endpoint: &str, key: &str) -> Result<()> {
    let new =
        json!({ "server": server, "endpoint": endpoint, "mode": "psk", "identity": endpoint, "key": key });
    let added = context.rest.post("/api/v1/credentials", &new.to_string()).await?;
    anyhow::ensure!(added.status == 201, "{added:?}");
    Ok(())
}

/// The device has registered over a session with a pre-shared key, and answers there.
async fn registered_with_psk(context: &TestContext, endpoint: &str) -> Result<()> {
    let client = context.registered(endpoint).await?;
    assert_eq!(serde_json::to_value(client.security)?, "psk");
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    assert_eq!(context.operate(endpoint, &read).await?.code, "2.05");
    Ok(())
}
