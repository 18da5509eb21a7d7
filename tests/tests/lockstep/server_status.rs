//! `GET /api/v1/server`: addresses, counters and bounds.

use anyhow::{Context as _, Result};
use console_api::{ServerStatus, StorageState};
use whole_program_tests::TestContext;

async fn status(context: &TestContext) -> Result<ServerStatus> {
    context.rest.get("/api/v1/server").await?.json(200)
}

#[tokio::test]
async fn the_server_tells_how_it_is() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3/0>").await?;
    peer.send_bytes(&[0xff; 5]).await?;
    let status = whole_program_tests::wait::until("the malformed datagram", async || {
        Ok(Some(status(&context).await?).filter(|status| status.refused > 0))
    });
    let status = status.await?;
    assert_eq!((&status.coap, &status.uris), (&context.coap_uri(), &vec![context.coap_uri()]));
    assert_eq!((status.clients, status.counts.awake, status.counts.deregistered), (1, 1, 0));
    assert_eq!((status.datagrams_received, status.datagrams_sent), (2, 1));
    assert!(status.bytes_received > 30 && status.bytes_sent > 10, "{status:?}");
    assert!(status.now_ms >= status.started_at_ms);
    let storage = &status.storage;
    assert_eq!((storage.state, storage.why.as_deref()), (StorageState::Good, None));
    assert_eq!(storage.directory, context.data().display().to_string());
    assert!(storage.engine.starts_with("SQLite 3.") && storage.bytes > 4_096, "{storage:?}");
    if cfg!(target_os = "linux") {
        assert!(status.resident_bytes.is_some_and(|bytes| bytes > 1 << 20), "{status:?}");
        assert!(status.cpu_ms.is_some());
    }
    let names: std::collections::BTreeSet<&str> =
        status.limits.iter().map(|limit| limit.name.as_str()).collect();
    assert_eq!(names.len(), status.limits.len(), "{names:?}");
    for limit in &status.limits {
        assert!(limit.used <= limit.limit && limit.limit > 0 && limit.reached == 0, "{limit:?}");
        assert!(!limit.title.is_empty() && limit.at_limit.ends_with('.'), "{limit:?}");
    }
    let used = |name: &str| status.limits.iter().find(|limit| limit.name == name).map(|limit| limit.used);
    assert_eq!((used("registrations"), used("trace"), used("deduplication")), (Some(1), Some(3), Some(1)));
    Ok(())
}

/// At a bound devices are not just lost: it is counted.
#[tokio::test]
async fn the_trace_tells_that_it_was_full() -> Result<()> {
    const MORE_THAN_FIT: u16 = 16_384 / 2 + 200;
    let context = TestContext::start().await?;
    crate::trace::ping(&context.peer().await?, MORE_THAN_FIT).await?;
    let full = whole_program_tests::wait::until("a full trace", async || {
        let limits = status(&context).await?.limits;
        let trace = limits.into_iter().find(|limit| limit.name == "trace").context("the limit")?;
        Ok((trace.reached > 0).then_some(trace))
    });
    let full = full.await?;
    assert_eq!(full.used, full.limit);
    Ok(())
}
