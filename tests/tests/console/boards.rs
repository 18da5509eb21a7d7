//! Boards: charts and values of several devices, arranged by the operator.

use anyhow::{Result, ensure};
use coap::{Code, Message, MessageType, Options};
use console_api::{Board, BoardSeries, Operation, OperationRequest, Tile, TileKind};
use fantoccini::key::Key;
use whole_program_tests::{Browser, ColorScheme, RawPeer, TestContext, Viewport};

use crate::{device_page, open_live, select, tree_row};

const TEMPERATURE: &str = "/3303/0/5700";
const TILE: &str = "[data-testid=board-tile]";
const FIGURES: &str = "[data-testid=board-tile] [data-testid=chart-figures] tbody tr";

fn text(number: u32) -> Options {
    Options::new().with_content_format(0).with_observe(number)
}

/// A device that is observed and reports.
struct Reporting {
    peer: RawPeer,
    request: Message,
    number: u32,
}

impl Reporting {
    async fn start(context: &TestContext, endpoint: &str, first: &str) -> Result<Self> {
        let mut peer = context.peer().await?;
        peer.register(endpoint, 300, "</3/0>,</3303/0>").await?;
        let observe = OperationRequest::new(Operation::Observe, TEMPERATURE);
        let (_, request) = tokio::try_join!(context.operate(endpoint, &observe), async {
            let request = peer.receive_request(Code::GET, TEMPERATURE).await?;
            peer.answer(&request, Code::CONTENT, text(1), first.as_bytes()).await?;
            Ok(request)
        })?;
        Ok(Self { peer, request, number: 1 })
    }

    async fn says(&mut self, value: &str) -> Result<()> {
        self.number += 1;
        let sent = self.peer.notify(&self.request, true, text(self.number), value.as_bytes()).await?;
        self.peer.expect_empty(MessageType::Acknowledgement, &sent).await
    }
}

fn series(endpoint: &str) -> BoardSeries {
    BoardSeries { endpoint: endpoint.into(), path: TEMPERATURE.into() }
}

fn tile(kind: TileKind, (x, y, width, height): (u16, u16, u16, u16), of: &[&str]) -> Tile {
    Tile {
        kind,
        x,
        y,
        width,
        height,
        series: of.iter().map(|endpoint| series(endpoint)).collect(),
        title: None,
    }
}

/// A board that somebody has made.
async fn kept(context: &TestContext, tiles: Vec<Tile>) -> Result<Board> {
    let board = Board { name: "Cellar".into(), span_ms: 300_000, tiles, ..Board::default() };
    context.rest.post("/api/v1/boards", &serde_json::to_string(&board)?).await?.json(201)
}

async fn board(context: &TestContext, id: u64) -> Result<Board> {
    context.rest.get(&format!("/api/v1/boards/{id}")).await?.json(200)
}

fn places(board: &Board) -> Vec<(u16, u16, u16, u16)> {
    board.tiles.iter().map(|tile| (tile.x, tile.y, tile.width, tile.height)).collect()
}

fn nth(tile: usize, part: &str) -> String {
    format!("{TILE}:nth-child({tile}) [data-testid={part}]")
}

/// Two devices in one chart: what they say comes, and after a reload what they have said is there.
#[tokio::test]
async fn two_devices_are_charted_together_and_the_past_is_there_after_a_reload() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut hall = Reporting::start(&context, "hall", "20").await?;
    let mut cellar = Reporting::start(&context, "cellar", "10").await?;
    context.crash().await?;
    Browser::run("two_devices_are_charted_together", async |browser| {
        open_live(browser, &context, "/boards").await?;
        browser.see("[data-testid=boards-empty]").await?;
        browser.good_for_everybody("no boards").await?;
        browser.click("[data-testid=board-new]").await?;
        browser.fill("[data-testid=board-new-name]", "House").await?;
        browser.see("[data-testid=board-object] option[value='3303']").await?;
        browser.see(".board-device").await?;
        browser.click("[data-testid=board-create]").await?;
        let address = browser.see_address_that(|address| address.starts_with("/boards/")).await?;
        browser.see_text("[data-testid=board-name]", |name| name == "House").await?;
        browser.see_count(TILE, 3).await?;
        browser.see_count(FIGURES, 2).await?;

        hall.says("24").await?;
        cellar.says("12").await?;
        let row = |endpoint: &str| format!("{FIGURES}:has([title={endpoint}])");
        let has = |figures: [&'static str; 4]| {
            move |text: &str| text.split_whitespace().collect::<Vec<_>>().ends_with(&figures)
        };
        browser.see_text(&row("hall"), has(["20", "24", "22", "2"])).await?;
        browser.see_text(&row("cellar"), has(["10", "12", "11", "2"])).await?;
        browser.see_text(&nth(2, "tile-value"), |text| text.starts_with("12")).await?;
        browser.good_for_everybody("a board").await?;

        browser.reload().await?;
        browser.see_text(&row("hall"), has(["20", "24", "22", "2"])).await?;
        browser.see_text(&row("cellar"), has(["10", "12", "11", "2"])).await?;

        // On the wall there is nothing but the board, and the way back.
        browser.open(&context.page(&format!("{address}?wall"))).await?;
        browser.see("[data-testid=wall-leave]").await?;
        browser.see_count(TILE, 3).await?;
        browser.good_for_everybody("a board on the wall").await?;
        browser.click("[data-testid=wall-leave]").await?;
        browser.see_address(&address).await
    })
    .await
}

/// Dragged, made larger, saved: the others make room, and everybody sees it so.
#[tokio::test]
async fn a_board_is_arranged_with_the_mouse_and_kept() -> Result<()> {
    let context = TestContext::start().await?;
    let _hall = Reporting::start(&context, "hall", "20").await?;
    let tiles = vec![
        tile(TileKind::Chart, (0, 0, 4, 3), &["hall"]),
        tile(TileKind::Value, (4, 0, 4, 3), &["hall"]),
        tile(TileKind::Value, (8, 0, 2, 1), &["nobody"]),
        tile(TileKind::Chart, (0, 3, 8, 3), &["hall", "nobody"]),
    ];
    let made = kept(&context, tiles).await?;
    Browser::run("a_board_is_arranged_with_the_mouse_and_kept", async |browser| {
        let address = format!("/boards/{}", made.id);
        open_live(browser, &context, &address).await?;
        browser.see_text(&nth(2, "tile-value"), |text| text.starts_with("20")).await?;
        browser.see_text(&format!("{TILE}:nth-child(3)"), |text| text.contains("not known here")).await?;
        // The time that one chart reads out all of them do.
        let charts = "document.querySelectorAll('[data-testid=chart]')";
        browser.evaluate(&format!("{charts}[0].focus()")).await?;
        browser.press_chord(&[Key::Shift], Key::Left.into()).await?;
        for chart in [1, 4] {
            browser.see_text(&format!("{TILE}:nth-child({chart}) thead"), |text| text.contains(':')).await?;
        }
        browser.click("[data-testid=board-edit]").await?;
        browser.see_count("[data-testid=tile-move]", 4).await?;
        browser.good_for_everybody("a board that is arranged").await?;
        browser.drag(&nth(1, "tile-move"), &nth(2, "tile-move")).await?;
        browser.click("[data-testid=board-save]").await?;
        browser.see("[data-testid=board-edit]").await?;
        let arranged = board(&context, made.id).await?;
        ensure!(arranged.version == made.version + 1, "version {}", arranged.version);
        let chart = arranged.tiles.iter().find(|tile| tile.width == 4 && tile.kind == TileKind::Chart);
        ensure!(chart.is_some_and(|tile| tile.x >= 3), "the chart went right: {:?}", places(&arranged));

        browser.click("[data-testid=board-edit]").await?;
        let before = places(&arranged);
        let last = arranged.tiles.len();
        browser.drag(&nth(last, "tile-resize"), &nth(1, "tile-move")).await?;
        browser.click("[data-testid=board-discard]").await?;
        browser.see("[data-testid=board-edit]").await?;
        ensure!(places(&board(&context, made.id).await?) == before, "what is discarded is not kept");

        // Somebody else was faster.
        browser.click("[data-testid=board-edit]").await?;
        browser.fill("[data-testid=board-name-field]", "Mine").await?;
        let theirs = Board { name: "Theirs".into(), ..board(&context, made.id).await? };
        context
            .rest
            .put(&format!("/api/v1{address}"), &serde_json::to_string(&theirs)?)
            .await?
            .json::<Board>(200)?;
        browser.expect_errors("409");
        browser.click("[data-testid=board-save]").await?;
        browser.see("[data-testid=board-outdated]").await?;
        browser.good_for_everybody("a board that somebody else has saved").await?;
        browser.click("[data-testid=board-save-anyway]").await?;
        browser.see_text("h1[data-testid=board-name]", |name| name == "Mine").await?;
        ensure!(board(&context, made.id).await?.name == "Mine", "kept");

        browser.click("[data-testid=board-edit]").await?;
        browser.click("[data-testid=board-delete]").await?;
        browser.click("[data-testid=board-delete-confirm]").await?;
        browser.see("[data-testid=boards-empty]").await?;
        Ok(())
    })
    .await
}

/// From nothing to a board, without a mouse.
#[tokio::test]
async fn a_board_is_made_with_keys_alone() -> Result<()> {
    let context = TestContext::start().await?;
    let _hall = Reporting::start(&context, "hall", "20").await?;
    Browser::run("a_board_is_made_with_keys_alone", async |browser| {
        open_live(browser, &context, "/").await?;
        browser.press('g').await?;
        browser.press('w').await?;
        browser.see_address("/boards").await?;
        browser.tab_to("[data-testid=board-new]").await?;
        browser.press_key(Key::Enter).await?;
        browser.see_focus("[data-testid=board-new-name]").await?;
        browser.type_text("Hall").await?;
        browser.tab_to("[data-testid=board-from-nothing]").await?;
        browser.press(' ').await?;
        browser.tab_to("[data-testid=board-create]").await?;
        browser.press_key(Key::Enter).await?;
        browser.see("[data-testid=board-empty]").await?;

        for kind in ["tile-kind-chart", "tile-kind-value"] {
            let add = if kind == "tile-kind-chart" { "tile-add-first" } else { "tile-add" };
            browser.tab_to(&format!("[data-testid={add}]")).await?;
            browser.press_key(Key::Enter).await?;
            browser.tab_to(&format!("[data-testid={kind}]")).await?;
            browser.press(' ').await?;
            browser.tab_to("[data-testid=series-device]").await?;
            browser.type_text("hall").await?;
            browser.tab_to("[data-testid=series-path]").await?;
            browser.type_text(TEMPERATURE).await?;
            browser.press_key(Key::Enter).await?;
            browser.see_count("[data-testid=tile-series]", 1).await?;
            browser.tab_to("[data-testid=tile-done]").await?;
            browser.press_key(Key::Enter).await?;
            browser.see_count("dialog[open]", 0).await?;
        }
        browser.see_count(TILE, 2).await?;
        browser.tab_to(&nth(2, "tile-move")).await?;
        browser.press_key(Key::Right).await?;
        browser.press_chord(&[Key::Shift], Key::Right.into()).await?;
        let said = browser
            .evaluate("return document.querySelector('.visually-hidden[role=status][aria-live]').textContent")
            .await?;
        ensure!(
            said.as_str().is_some_and(|said| said.contains("Column 8 of 12, row 1, 3 wide")),
            "got {said}"
        );
        browser.tab_to("[data-testid=board-save]").await?;
        browser.press_key(Key::Enter).await?;
        browser.see("[data-testid=board-edit]").await?;
        let id = browser.address().await?.trim_start_matches("/boards/").parse()?;
        let kept = board(&context, id).await?;
        ensure!(places(&kept) == [(0, 0, 6, 4), (7, 0, 3, 2)], "got {:?}", places(&kept));
        browser.emulate(Viewport::PHONE, ColorScheme::Dark).await?;
        browser.see_text(&nth(2, "tile-value"), |text| text.starts_with("20")).await?;
        browser.fits_its_width().await
    })
    .await
}

/// The page of a device puts what it shows on a board, which observes it when that is asked for.
#[tokio::test]
async fn a_resource_is_put_on_a_board_and_observed_there() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("hall", 300, "</3/0>,</3303/0>").await?;
    let read = OperationRequest::new(Operation::Read, TEMPERATURE);
    tokio::try_join!(context.operate("hall", &read), async {
        let request = peer.receive_request(Code::GET, TEMPERATURE).await?;
        peer.answer(&request, Code::CONTENT, Options::new().with_content_format(0), b"20").await
    })?;
    Browser::run("a_resource_is_put_on_a_board_and_observed_there", async |browser| {
        open_live(browser, &context, &device_page("hall")).await?;
        select(browser, TEMPERATURE).await?;
        browser.press_chord(&[Key::Shift], Key::F10.into()).await?;
        browser.click("[role=menu] [data-op=add-to-board]").await?;
        browser.see("[data-testid=add-to-board]").await?;
        browser.good_for_everybody("what shall be on a board").await?;
        browser.fill("[data-testid=add-board-name]", "Mine").await?;
        browser.click("[data-testid=add-board-submit]").await?;
        browser.see_count("dialog[open]", 0).await?;
        browser.see(&tree_row(TEMPERATURE)).await?;
        browser.press('g').await?;
        browser.press('w').await?;
        browser.click("[data-testid=board-row]").await?;
        browser.see_text(FIGURES, |text| text.contains("20")).await?;
        tokio::try_join!(browser.click("[data-testid=tile-observe]"), async {
            let request = peer.receive_request(Code::GET, TEMPERATURE).await?;
            peer.answer(&request, Code::CONTENT, text(1), b"21").await
        })?;
        browser.see_count("[data-testid=tile-observe]", 0).await?;
        browser.see_text(FIGURES, |text| text.contains("21")).await?;
        Ok(())
    })
    .await
}
