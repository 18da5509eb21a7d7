//! What devices have reported so far: pages, sums, files, and how long it is kept.

use anyhow::{Context as _, Result, ensure};
use coap::{Code, Message, MessageType, Options};
use console_api::{
    HistoryBuckets, HistoryPage, HistoryRow, Operation, OperationRequest, Retention, Source, ValueContent,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use whole_program_tests::{RawPeer, TestContext, encode_segment};

const PATH: &str = "/3303/0/5700";

/// A device whose temperature is observed, and the request that did it.
async fn observed(context: &TestContext, endpoint: &str) -> Result<(RawPeer, Message)> {
    let mut peer = context.peer().await?;
    peer.register_as("1.1", endpoint, "</1/0>,</3/0>,</3303/0>").await?;
    let observe = OperationRequest::new(Operation::Observe, PATH);
    let (_, request) = tokio::try_join!(context.operate(endpoint, &observe), async {
        let request = peer.receive_request(Code::GET, PATH).await?;
        let options = Options::new().with_observe(1).with_content_format(0);
        peer.answer(&request, Code::CONTENT, options, b"20").await?;
        Ok(request)
    })?;
    Ok((peer, request))
}

/// A confirmable notification that is acknowledged: it is stored.
async fn notify(peer: &mut RawPeer, request: &Message, sequence: u32, text: &[u8]) -> Result<()> {
    let options = Options::new().with_observe(sequence).with_content_format(0);
    let notification = peer.notify(request, true, options, text).await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await
}

async fn send(peer: &mut RawPeer, json: &str) -> Result<()> {
    let options = Options::new().with_path("/dp").with_content_format(110);
    let response = peer.exchange(Code::POST, options, json.as_bytes()).await?;
    ensure!(response.code == Code::CHANGED, "{response:?}");
    Ok(())
}

async fn page(context: &TestContext, endpoint: &str, query: &str) -> Result<HistoryPage> {
    let path = format!("/api/v1/clients/{}/history{query}", encode_segment(endpoint));
    let page: HistoryPage = context.rest.get(&path).await?.json(200)?;
    ensure!(page.unreadable.is_empty(), "{:?}", page.unreadable);
    Ok(page)
}

fn numbers(rows: &[HistoryRow]) -> Vec<String> {
    let first = |row: &HistoryRow| row.values.first().map(|value| format!("{:?}", value.value));
    rows.iter().map(|row| first(row).unwrap_or_default()).collect()
}

#[tokio::test]
async fn everything_is_there_with_its_values_and_outlives_a_restart() -> Result<()> {
    let mut context = TestContext::start().await?;
    let endpoint = "a/b %";
    let (mut peer, request) = observed(&context, endpoint).await?;
    notify(&mut peer, &request, 2, b"21.5").await?;
    notify(&mut peer, &request, 3, b"22.5").await?;
    send(&mut peer, r#"[{"bn":"/3303/0/","bt":1600000000,"n":"5700","v":19},{"n":"5701","vs":"Cel"}]"#)
        .await?;
    let all = page(&context, endpoint, "").await?;
    assert_eq!(all.next, None);
    let sources: Vec<_> = all.rows.iter().map(|row| row.source).collect();
    assert_eq!(sources, [Source::Send, Source::Notify, Source::Notify, Source::Notify]);
    let expected = ["Float(19.0)", "Float(22.5)", "Float(21.5)", "Float(20.0)"];
    assert_eq!(numbers(&all.rows), expected);
    let sent = &all.rows[0];
    assert_eq!((sent.path.as_str(), sent.content_format, sent.endpoint.as_str()), ("/", Some(110), endpoint));
    assert_eq!(sent.values[0].time_s, Some(1_600_000_000.0));
    assert_eq!(sent.values[1].value, ValueContent::Text("Cel".into()));
    assert_eq!((all.rows[1].sequence, all.rows[1].payload_hex.as_str()), (Some(3), "32322e35"));

    context.restart().await?;
    assert_eq!(page(&context, endpoint, "").await?.rows.len(), 4);
    for (query, count) in [
        ("?path=/3303", 4),
        ("?path=/3303/0/5701", 1),
        ("?path=/3/0/9", 0),
        ("?source=send", 1),
        ("?source=read", 0),
        ("?to=2020-01-01T00:00:00Z", 0),
        ("?from=2020-01-01T00:00:00%2B01:00", 4),
    ] {
        assert_eq!(page(&context, endpoint, query).await?.rows.len(), count, "{query}");
    }
    assert!(page(&context, "nobody", "").await?.rows.is_empty());
    Ok(())
}

#[tokio::test]
async fn pages_go_both_ways() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, "lamp").await?;
    for number in 1..=4 {
        notify(&mut peer, &request, number + 1, (20 + number).to_string().as_bytes()).await?;
    }
    let all = page(&context, "lamp", "").await?.rows;
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = page(&context, "lamp", &query).await?;
        seen.extend(page.rows);
        let Some(next) = page.next else { break };
        query = format!("?limit=2&before={next}");
    }
    assert_eq!(seen, all);
    let mut forward = page(&context, "lamp", "?after=0-0").await?.rows;
    forward.reverse();
    assert_eq!(forward, all);
    let after = page(&context, "lamp", &format!("?after={}", all[2].cursor)).await?.rows;
    assert_eq!(numbers(&after), ["Float(23.0)", "Float(24.0)"]);
    Ok(())
}

#[tokio::test]
async fn a_chart_has_sums_of_what_came() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, "lamp").await?;
    for (sequence, text) in [(2, b"30"), (3, b"10"), (4, b"25")] {
        notify(&mut peer, &request, sequence, text).await?;
    }
    let path = format!("/api/v1/clients/lamp/history?path={PATH}&buckets=1");
    let chart: HistoryBuckets = context.rest.get(&path).await?.json(200)?;
    assert_eq!(chart.buckets.len(), 1, "{chart:?}");
    let all = chart.buckets[0];
    assert_eq!((all.count, all.min, all.max, all.mean), (4, 10.0, 30.0, 21.25));
    assert_eq!((all.first, all.last), (20.0, 25.0));
    assert!(all.first_ms <= all.last_ms && chart.from_ms <= all.first_ms && all.last_ms < chart.to_ms);
    let fine: HistoryBuckets =
        context.rest.get(&path.replace("buckets=1", "buckets=5000")).await?.json(200)?;
    assert_eq!(fine.buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 4);
    assert!(fine.width_ms < chart.width_ms);
    Ok(())
}

#[tokio::test]
async fn a_file_has_a_line_for_each_value_or_payload() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut lamp, _) = observed(&context, "lamp").await?;
    let (mut formula, _) = observed(&context, "=1+1,\"x\"").await?;
    send(&mut lamp, r#"[{"n":"/3303/0/5700","v":1},{"n":"/3303/0/5701","vs":"=cmd()"}]"#).await?;
    send(&mut formula, r#"[{"n":"/3303/0/5700","v":-2}]"#).await?;
    let answer = context.rest.get("/api/v1/history.csv").await?;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/csv")));
    let lines: Vec<&str> = answer.body.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + 2 + 2 + 1, "{}", answer.body);
    assert!(lines[0].starts_with("time_ms,time,endpoint,path,value,unit,source"), "{}", lines[0]);
    assert!(lines[3].contains(",lamp,/3303/0/5700,1,,send,110,"), "{}", lines[3]);
    assert!(lines[4].contains(",lamp,/3303/0/5701,'=cmd(),,send,110,"), "{}", lines[4]);
    assert!(lines[5].contains(",\"'=1+1,\"\"x\"\"\",/3303/0/5700,-2,,send,110,"), "{}", lines[5]);

    let answer = context.rest.get("/api/v1/clients/lamp/history.jsonl?source=send").await?;
    let rows: Vec<HistoryRow> = answer.body.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(rows, page(&context, "lamp", "?source=send").await?.rows);
    assert_eq!(rows[0].values[1].value, ValueContent::Text("=cmd()".into()), "untouched");
    let one = context.rest.get("/api/v1/history.jsonl?endpoint=lamp").await?;
    assert_eq!(one.body.lines().count(), 2);
    let one = context.rest.get("/api/v1/clients/x/history.csv?endpoint=lamp&path=/3303/0/5701").await?;
    assert_eq!(one.body.lines().count(), 1 + 2, "a header, and the payload about it");
    Ok(())
}

/// Who downloads and does not read, or goes away in the middle, keeps nobody from anything.
#[tokio::test]
async fn a_download_that_is_not_taken_holds_nobody_up() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, "lamp").await?;
    let large = format!(r#"[{{"n":"/3303/0/5701","vs":"{}"}}]"#, "x".repeat(900));
    for _ in 0..400 {
        send(&mut peer, &large).await?;
    }
    let mut stalled = Vec::new();
    for _ in 0..8 {
        let mut stream = TcpStream::connect(context.http).await?;
        let host = context.http;
        let get = format!("GET /api/v1/history.jsonl HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(get.as_bytes()).await?;
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).await?;
        assert_eq!(&begin, b"HTTP/1.1 200");
        stalled.push(stream);
    }
    notify(&mut peer, &request, 2, b"21").await?;
    assert_eq!(page(&context, "lamp", "?limit=1").await?.rows[0].payload_hex, "3231");
    let whole = context.rest.get("/api/v1/history.jsonl?source=send").await?;
    assert_eq!(whole.body.lines().count(), 400);
    drop(stalled);
    notify(&mut peer, &request, 3, b"22").await?;
    assert_eq!(page(&context, "lamp", "?limit=1").await?.rows[0].payload_hex, "3232");
    Ok(())
}

#[tokio::test]
async fn a_forgotten_client_has_no_history() -> Result<()> {
    let context = TestContext::start().await?;
    observed(&context, "lamp").await?;
    assert_eq!(page(&context, "lamp", "").await?.rows.len(), 1);
    let forgotten = context.rest.delete("/api/v1/clients/lamp").await?;
    assert_eq!(forgotten.status, 204);
    assert!(page(&context, "lamp", "").await?.rows.is_empty());
    Ok(())
}

#[tokio::test]
async fn retention_is_decided_and_stays_so() -> Result<()> {
    let mut context = TestContext::start().await?;
    let path = "/api/v1/server/retention";
    let retention: Retention = context.rest.get(path).await?.json(200)?;
    assert_eq!(retention, Retention { days: 30, bytes: 10 << 30 });
    let put = context.rest.put(path, r#"{"days":7,"bytes":1000000}"#).await?;
    assert_eq!(put.status, 204, "{}", put.body);
    context.restart().await?;
    let retention: Retention = context.rest.get(path).await?.json(200)?;
    assert_eq!(retention, Retention { days: 7, bytes: 1_000_000 });
    for (body, status) in [(r#"{"days":7}"#, 422), (r#"{"days":-1,"bytes":1}"#, 422), ("{", 400)] {
        context.rest.put(path, body).await?.error(status).with_context(|| body)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused_with_what_was_expected() -> Result<()> {
    let context = TestContext::start().await?;
    for query in [
        "from=yesterday",
        "to=2026-11-26",
        "from=2026-11-26T00:00:00+01:00",
        "from=2&to=1",
        "path=3303",
        "source=hearsay",
        "limit=10001",
        "after=x",
        "before=1-1&after=1-1",
        "colour=blue",
        "buckets=0&path=/3303/0/5700",
        "buckets=5001&path=/3303/0/5700",
        "buckets=5",
        "buckets=5&path=/3303/0",
        "buckets=5&path=/3303/0/5700&limit=1",
    ] {
        let refused = context.rest.get(&format!("/api/v1/clients/lamp/history?{query}")).await?.error(400)?;
        assert!(refused.details.is_some(), "{query}: {refused:?}");
    }
    context.rest.get("/api/v1/history.csv?limit=1").await?.error(400)?;
    Ok(())
}
