//! `/api/v1/boards`: pages of charts and values.

use anyhow::Result;
use console_api::{AuditList, Board, BoardList, TileKind};
use serde_json::{Value, json};
use whole_program_tests::TestContext;

const BOARDS: &str = "/api/v1/boards";

fn tile(endpoint: &str, x: u16) -> Value {
    let series = json!([{ "endpoint": endpoint, "path": "/3303/0/5700" }]);
    json!({ "kind": "chart", "x": x, "y": 0, "width": 6, "height": 4, "series": series })
}

fn board(name: &str, version: u64) -> Value {
    json!({ "name": name, "version": version, "span_ms": 3_600_000, "tiles": [tile("lamp", 0), tile("lamp", 6)] })
}

async fn add(context: &TestContext, board: &Value) -> Result<Board> {
    context.rest.post(BOARDS, &board.to_string()).await?.json(201)
}

async fn list(context: &TestContext) -> Result<BoardList> {
    context.rest.get(BOARDS).await?.json(200)
}

#[tokio::test]
async fn a_board_is_kept_over_a_crash_and_of_clients_that_are_forgotten() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3303/0>").await?;
    let answer = context.rest.post(BOARDS, &board(" Cellar ", 7).to_string()).await?;
    assert_eq!(answer.header("location"), Some("/api/v1/boards/1"));
    let added: Board = answer.json(201)?;
    assert_eq!((added.id, added.version, added.name.as_str()), (1, 1, "Cellar"));
    assert!(added.saved_at_ms > 0 && added.author.starts_with("console"), "{added:?}");
    assert_eq!((added.tiles.len(), added.tiles[1].x, added.tiles[1].kind), (2, 6, TileKind::Chart));
    add(&context, &board("Attic", 0)).await?;
    assert_eq!(context.rest.delete("/api/v1/clients/lamp").await?.status, 204);
    context.crash().await?;
    assert_eq!(context.rest.get("/api/v1/boards/1").await?.json::<Board>(200)?, added);
    let listed = list(&context).await?.boards;
    let names: Vec<_> = listed.iter().map(|board| (board.id, board.name.as_str(), board.version)).collect();
    assert_eq!(names, [(2, "Attic", 1), (1, "Cellar", 1)]);
    assert_eq!((listed[1].tiles, listed[1].devices, listed[1].saved_at_ms), (2, 1, added.saved_at_ms));
    Ok(())
}

#[tokio::test]
async fn of_two_who_edit_the_same_board_the_second_is_told() -> Result<()> {
    let context = TestContext::start().await?;
    add(&context, &board("Cellar", 0)).await?;
    let at = "/api/v1/boards/1";
    let mut second = board("Vault", 1);
    second["tiles"] = json!([tile("lamp", 0), tile("meter", 6)]);
    let saved: Board = context.rest.put(at, &second.to_string()).await?.json(200)?;
    assert_eq!((saved.id, saved.version, saved.name.as_str()), (1, 2, "Vault"));
    // From a version that there is not yet, too.
    for version in [1, 3] {
        let refused = context.rest.put(at, &board("Cellar", version).to_string()).await?.error(409)?;
        let details = refused.details.expect("what is kept");
        let told = (refused.code.as_str(), details.expected.as_str(), details.got);
        assert_eq!(told, ("outdated", "version 2", format!("version {version}")));
    }
    assert_eq!(context.rest.get(at).await?.json::<Board>(200)?, saved);
    let listed = list(&context).await?.boards;
    assert_eq!((listed[0].name.as_str(), listed[0].version, listed[0].devices), ("Vault", 2, 2));
    Ok(())
}

#[tokio::test]
async fn a_board_that_is_deleted_leaves_its_id_to_no_other() -> Result<()> {
    let mut context = TestContext::start().await?;
    add(&context, &board("Cellar", 0)).await?;
    let at = "/api/v1/boards/1";
    assert_eq!(context.rest.delete(at).await?.status, 204);
    assert_eq!(context.rest.get(at).await?.error(404)?.code, "unknown_board");
    assert_eq!(context.rest.delete(at).await?.error(404)?.code, "unknown_board");
    let saved = context.rest.put(at, &board("Cellar", 1).to_string()).await?;
    assert_eq!(saved.error(404)?.code, "unknown_board");
    assert!(list(&context).await?.boards.is_empty());
    context.restart().await?;
    assert_eq!(add(&context, &board("Cellar", 0)).await?.id, 2);
    let audits: AuditList = context.rest.get("/api/v1/audit?limit=3").await?.json(200)?;
    let told: Vec<_> =
        audits.entries.iter().map(|audit| (audit.what.as_str(), audit.details.as_str())).collect();
    let expected = [
        ("add_board", "board 2, version 1: \"Cellar\""),
        ("delete_board", "board 1, version 1: \"Cellar\""),
        ("add_board", "board 1, version 1: \"Cellar\""),
    ];
    assert_eq!(told, expected);
    Ok(())
}

#[tokio::test]
async fn a_board_that_is_not_as_it_has_to_be_is_refused() -> Result<()> {
    let context = TestContext::start().await?;
    let with = |member: &str, value: Value| {
        let mut board = board("Cellar", 0);
        board[member] = value;
        board
    };
    let mut group = tile("lamp", 0);
    group["series"][0]["path"] = json!("/3303/0");
    for (bad, expected, got) in [
        (with("name", json!(" ")), "1 to 120", "0"),
        (with("span_ms", json!(1)), "10000 to 31622400000", "1"),
        (with("tiles", json!([tile("", 0)])), "1 to 255", "0"),
        (with("tiles", json!([tile("lamp", 7)])), "0 to 6", "7"),
        (
            with("tiles", json!([tile("lamp", 0), tile("lamp", 5)])),
            "cells that no other tile has",
            "tile 1 at column 5 and row 0, 6 wide and 4 high",
        ),
        (
            with("tiles", json!([group])),
            "the path of a Resource or a Resource Instance",
            "/3303/0, that of an object instance",
        ),
    ] {
        let refused = context.rest.post(BOARDS, &bad.to_string()).await?.error(400)?;
        let details = refused.details.expect("what is wrong");
        let told = (refused.code.as_str(), details.expected.as_str(), details.got.as_str());
        assert_eq!(told, ("bad_request", expected, got));
    }
    let unknown = with("colour", json!("red"));
    assert_eq!(context.rest.post(BOARDS, &unknown.to_string()).await?.error(422)?.code, "bad_request");
    assert_eq!(context.rest.get("/api/v1/boards/x").await?.error(400)?.code, "bad_request");
    assert!(list(&context).await?.boards.is_empty());
    assert_eq!(add(&context, &board("Cellar", 0)).await?.id, 1);
    Ok(())
}
