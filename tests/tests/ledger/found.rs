use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use coap::Instant;
use console_api::{Command, CommandList, HistoryPage, OperationResponse};
use store::{
    Reported,
    history::{HistoryReader, Order, Query},
    sqlite::Sqlite,
};
use whole_program_tests::TestContext;

/// Payloads that are read from the history at a time.
const PAGE: usize = 1_000;
/// More than there can be of one client.
const COMMANDS: usize = 1_000;

/// What the server has of one device after everything.
pub(crate) struct Found {
    /// The last segment of the location of its registration.
    pub(crate) registration: Option<String>,
    /// Newest first.
    pub(crate) commands: Vec<Command<OperationResponse>>,
    /// In the order in which it came.
    pub(crate) reported: Vec<Reported>,
}

/// Asks the server while it runs, and reads the history of its directory when it has ended.
pub(crate) async fn find(context: &mut TestContext, endpoints: &[String]) -> Result<BTreeMap<String, Found>> {
    let registered: BTreeMap<String, String> = context
        .clients()
        .await?
        .into_iter()
        .map(|client| (client.endpoint, client.registration_id))
        .collect();
    let (mut found, mut told) = (BTreeMap::new(), BTreeMap::new());
    for endpoint in endpoints {
        let path = format!("/api/v1/commands?endpoint={endpoint}&limit={COMMANDS}");
        let CommandList { total, commands } = context.rest.get(&path).await?.json(200)?;
        ensure!(total == commands.len(), "{total} commands of {endpoint}, {} were given", commands.len());
        let registration = registered.get(endpoint).cloned();
        told.insert(endpoint.clone(), told_history(context, endpoint).await?);
        found.insert(endpoint.clone(), Found { registration, commands, reported: Vec::new() });
    }
    context.server.terminate().await?;
    let history = history(context.data())?;
    for (endpoint, found) in &mut found {
        found.reported = reported(&history, endpoint)?;
        let stored = found.reported.iter().map(|row| console_api::hex_encode(&row.payload));
        ensure!(stored.eq(told[endpoint].iter().cloned()), "{endpoint}: REST tells another history");
    }
    Ok(found)
}

/// The payloads that REST tells of a client, oldest first.
async fn told_history(context: &TestContext, endpoint: &str) -> Result<Vec<String>> {
    let (mut told, mut after) = (Vec::new(), "0-0".to_owned());
    loop {
        let path = format!("/api/v1/clients/{endpoint}/history?after={after}&limit={PAGE}");
        let page: HistoryPage = context.rest.get(&path).await?.json(200)?;
        told.extend(page.rows.into_iter().map(|row| row.payload_hex));
        match page.next {
            Some(next) => after = next,
            None => return Ok(told),
        }
    }
}

fn history(data: &Path) -> Result<HistoryReader> {
    let store = Sqlite::open(data, Arc::new(|_: &Reported| Vec::new()), Instant::default());
    Ok(store.context("the directory of the server")?.history())
}

fn reported(history: &HistoryReader, endpoint: &str) -> Result<Vec<Reported>> {
    let (mut reported, mut after) = (Vec::new(), None);
    let all_times = Instant::from_millis(0)..Instant::from_millis(i64::MAX.unsigned_abs());
    let query = Query { endpoint: Some(endpoint.to_owned()), path: None, source: None, during: all_times };
    loop {
        let page = history.page(&query, Order::OldestFirst, after, PAGE)?;
        ensure!(page.unreadable.is_empty(), "{:?}", page.unreadable);
        reported.extend(page.rows.into_iter().map(|(_, row)| row));
        after = page.next;
        if after.is_none() {
            return Ok(reported);
        }
    }
}
