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
    /// Registers with `links` as a client of LwM2M 1.1 and falls asleep.
    pub async fn register(context: &TestContext, endpoint: &str, links: &str) -> Result<Self> {
        Self::register_with(context, endpoint, &["lwm2m=1.1", "b=U", "Q"], links).await
    }

    /// Registers with further parameters, and falls asleep.
    pub async fn register_with(
        context: &TestContext,
        endpoint: &str,
        parameters: &[&str],
        links: &str,
    ) -> Result<Self> {
        let peer = context.peer().await?;
        let mut sleeper = Self { peer, endpoint: endpoint.to_owned(), location: String::new() };
        sleeper.register_again(parameters, links).await?;
        let config = format!("/api/v1/clients/{}/config", encode_segment(endpoint));
        let configured = context.rest.put(&config, r#"{"awake_s":1}"#).await?;
        ensure!(configured.status == 204, "{configured:?}");
        sleeper.wake().await?;
        sleeper.asleep(context).await?;
        Ok(sleeper)
    }

    /// A Register, as after a reboot: it is awake.
    pub async fn register_again(&mut self, parameters: &[&str], links: &str) -> Result<()> {
        let options = Options::new().with_path("/rd").with_content_format(40);
        let options = options.with_query(&format!("ep={}", self.endpoint)).with_query("lt=300");
        let options = parameters.iter().copied().fold(options, Options::with_query);
        let response = self.peer.exchange(Code::POST, options, links.as_bytes()).await?;
        ensure!(response.code == Code::CREATED, "expected 2.01, got {response:?}");
        self.location = format!("/{}", response.options.location_path()?.join("/"));
        Ok(())
    }

    pub async fn deregister(&mut self) -> Result<()> {
        let options = Options::new().with_path(&self.location);
        let response = self.peer.exchange(Code::DELETE, options, b"").await?;
        ensure!(response.code == Code::DELETED, "expected 2.02, got {response:?}");
        Ok(())
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
