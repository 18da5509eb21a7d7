use anyhow::{Result, ensure};
use coap::{Code, Message, Options};
use console_api::Client;

use crate::{RawPeer, TestContext, encode_segment, wait};

/// A client in queue mode that is taken for awake no longer than a second after each message.
pub struct Sleeper {
    pub peer: RawPeer,
    endpoint: String,
    location: String,
}

impl Sleeper {
    /// Registers with `links` and falls asleep.
    pub async fn register(context: &TestContext, endpoint: &str, links: &str) -> Result<Self> {
        let mut peer = context.peer().await?;
        let options = Options::new().with_path("/rd").with_content_format(40);
        let options = options.with_query(&format!("ep={endpoint}")).with_query("lt=300");
        let options = options.with_query("lwm2m=1.1").with_query("b=U").with_query("Q");
        let response = peer.exchange(Code::POST, options, links.as_bytes()).await?;
        ensure!(response.code == Code::CREATED, "expected 2.01, got {response:?}");
        let location = format!("/{}", response.options.location_path()?.join("/"));
        let mut sleeper = Self { peer, endpoint: endpoint.to_owned(), location };
        let config = format!("/api/v1/clients/{}/config", encode_segment(endpoint));
        let configured = context.rest.put(&config, r#"{"awake_s":1}"#).await?;
        ensure!(configured.status == 204, "{configured:?}");
        sleeper.wake().await?;
        sleeper.asleep(context).await?;
        Ok(sleeper)
    }

    /// Registration Update: it is awake.
    pub async fn wake(&mut self) -> Result<()> {
        let options = Options::new().with_path(&self.location);
        let response = self.peer.exchange(Code::POST, options, b"").await?;
        ensure!(response.code == Code::CHANGED, "expected 2.04, got {response:?}");
        Ok(())
    }

    /// Waits until the server takes it for asleep.
    pub async fn asleep(&self, context: &TestContext) -> Result<Client> {
        wait::until(&format!("{} to fall asleep", self.endpoint), async || {
            Ok(context.client(&self.endpoint).await?.filter(|client| !client.queue.awake))
        })
        .await
    }

    /// Answers a Read with a text.
    pub async fn answer_read(&self, path: &str, text: &str) -> Result<Message> {
        let request = self.peer.receive_request(Code::GET, path).await?;
        let options = Options::new().with_content_format(0);
        self.peer.answer(&request, Code::CONTENT, options, text.as_bytes()).await?;
        Ok(request)
    }
}
