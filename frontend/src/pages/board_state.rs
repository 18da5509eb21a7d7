use std::time::Duration;

use console_api::{Board, Tile};
use leptos::prelude::*;

use crate::api::Failure;
use crate::boards::{self, BoardAddress, BoardDraft, KeyedTile};
use crate::chart::TimeView;
use crate::components::chart::ChartPage;
use crate::frame::{Announcement, Notices};
use crate::live::Live;
use crate::memo::memo;
use crate::pause::Pause;
use crate::routing::Router;

/// How often a board that is only looked at is asked for: a screen on the wall follows what is changed elsewhere.
const ASK_EVERY: Duration = Duration::from_secs(20);

/// Browsers refuse an address that changes too often.
const SETTLED: Duration = Duration::from_millis(400);

/// The tile whose contents are being chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choosing {
    New,
    Of(u32),
}

/// A board on the screen.
#[derive(Clone, Copy)]
pub(crate) struct BoardState {
    pub(crate) live: Live,
    pub(crate) id: u64,
    router: Router,
    /// None while it is on its way.
    pub(crate) draft: RwSignal<Option<BoardDraft>>,
    /// Why it cannot be shown or saved.
    pub(crate) problem: RwSignal<Option<Failure>>,
    /// Somebody else has saved it meanwhile.
    pub(crate) outdated: RwSignal<bool>,
    pub(crate) saving: RwSignal<bool>,
    /// What the address says.
    pub(crate) address: Memo<BoardAddress>,
    /// Which time all charts show.
    pub(crate) view: RwSignal<TimeView>,
    /// The time that all charts read out.
    pub(crate) hover: RwSignal<Option<f64>>,
    pub(crate) choosing: RwSignal<Option<Choosing>>,
    pub(crate) deleting: RwSignal<bool>,
    /// The tile that follows the pointer, and how far it is from its cell, in CSS pixels.
    pub(crate) dragged: RwSignal<Option<(u32, f64, f64)>>,
    pub(crate) announcement: RwSignal<String>,
    pub(crate) notices: Notices,
}

impl BoardState {
    pub(super) fn new(live: Live, router: Router, id: u64) -> Self {
        let Announcement(announcement) = expect_context();
        let now_ms = live.clock() as f64;
        let address = memo(move || router.query.with(|query| BoardAddress::parse(query, now_ms)));
        let view = address.with_untracked(|address| address.view).unwrap_or_default();
        Self {
            live,
            id,
            router,
            draft: RwSignal::default(),
            problem: RwSignal::default(),
            outdated: RwSignal::default(),
            saving: RwSignal::default(),
            address,
            view: RwSignal::new(view),
            hover: RwSignal::default(),
            choosing: RwSignal::default(),
            deleting: RwSignal::default(),
            dragged: RwSignal::default(),
            announcement,
            notices: expect_context(),
        }
    }

    /// What its charts share.
    pub(crate) fn page(self) -> ChartPage {
        let Self { live, view, hover, announcement, .. } = self;
        ChartPage { live, home: None, view, hover, announcement }
    }

    pub(crate) fn is_edited(self) -> bool {
        self.address.with(|address| address.edit) && self.draft.with(Option::is_some)
    }

    pub(crate) fn keys(self) -> Vec<u32> {
        self.draft.with(|draft| draft.iter().flat_map(|draft| &draft.tiles).map(|keyed| keyed.key).collect())
    }

    pub(crate) fn tile(self, key: u32) -> Option<Tile> {
        self.draft.with(|draft| draft.as_ref()?.tile(key).cloned())
    }

    pub(crate) fn tiles(self) -> Vec<KeyedTile> {
        self.draft.with(|draft| draft.as_ref().map(|draft| draft.tiles.clone()).unwrap_or_default())
    }

    pub(crate) fn change(self, change: impl FnOnce(&mut BoardDraft)) {
        self.draft.update(|draft| {
            if let Some(draft) = draft {
                change(draft);
            }
        });
    }

    pub(crate) fn announce(self, text: impl Into<String>) {
        self.announcement.set(text.into());
    }

    /// Asks for it now, and again while it is only looked at.
    pub(super) fn follow(self) {
        self.live.every(ASK_EVERY, move || {
            if !untrack(|| self.is_edited()) {
                self.ask();
            }
        });
        self.tell_address();
    }

    fn ask(self) {
        leptos::task::spawn_local(async move {
            match boards::one(self.id).await {
                Ok(board) => self.take(board),
                Err(failure) => _ = self.problem.try_set(Some(failure)),
            }
        });
    }

    /// The board as the server has it, unless it is being arranged by now.
    fn take(self, board: Board) {
        let known = self
            .draft
            .try_with_untracked(|draft| draft.as_ref().map(|draft| (draft.kept.version, draft.span_ms)));
        // The page may have been left meanwhile.
        let Some(known) = known else { return };
        self.problem.set(None);
        if untrack(|| self.is_edited()) || known.is_some_and(|(version, _)| version == board.version) {
            return;
        }
        let shown = self.address.with_untracked(|address| address.view);
        let own = TimeView::following(board.span_ms as f64);
        let before = known.map(|(_, span_ms)| TimeView::following(span_ms as f64));
        self.show(board);
        // Whoever looks at another time goes on doing so.
        if shown.is_none() && before.is_none_or(|before| before == self.view.get_untracked()) {
            self.view.set(own);
        }
    }

    fn show(self, board: Board) {
        self.draft.try_update(|draft| match draft {
            Some(draft) => draft.take(board),
            None => *draft = Some(BoardDraft::new(board)),
        });
    }

    /// The board as it is kept, whatever was changed here.
    pub(crate) fn reload(self) {
        self.outdated.set(false);
        leptos::task::spawn_local(async move {
            match boards::one(self.id).await {
                Ok(board) => self.show(board),
                Err(failure) => self.notices.fail(format!("Not loaded: {}", failure.told())),
            }
        });
    }

    pub(crate) fn edit(self) {
        self.outdated.set(false);
        self.go(BoardAddress { edit: true, ..self.address.get_untracked() }, true);
    }

    pub(crate) fn discard(self) {
        self.change(|draft| draft.take(draft.kept.clone()));
        self.leave_editing();
    }

    fn leave_editing(self) {
        self.problem.set(None);
        self.outdated.set(false);
        self.go(BoardAddress { edit: false, ..self.address.get_untracked() }, false);
    }

    pub(crate) fn show_on_the_wall(self, wall: bool) {
        self.go(BoardAddress { wall, edit: false, ..self.address.get_untracked() }, wall);
    }

    fn go(self, address: BoardAddress, step: bool) {
        self.router.set_query(&address.query(), step);
    }

    /// Keeps the board as it is arranged, over whatever others have saved when `anyway`.
    pub(crate) fn save(self, anyway: bool) {
        let view = self.view.get_untracked();
        if view.is_following() {
            let bounds = (Board::SHORTEST_SPAN_MS, Board::LONGEST_SPAN_MS);
            self.change(|draft| draft.span_ms = (view.span_ms() as u64).clamp(bounds.0, bounds.1));
        }
        let Some(mut board) = self.draft.with_untracked(|draft| draft.as_ref().map(BoardDraft::board)) else {
            return;
        };
        self.saving.set(true);
        leptos::task::spawn_local(async move {
            if anyway && let Ok(kept) = boards::one(self.id).await {
                board.version = kept.version;
            }
            let saved = boards::save(&board).await;
            if self.saving.try_set(false).is_some() {
                return; // the page was left
            }
            match saved {
                Ok(kept) => {
                    self.announce(format!("{} saved", kept.name));
                    self.show(kept);
                    self.leave_editing();
                }
                Err(failure) if failure.code == "outdated" => self.outdated.set(true),
                Err(failure) => self.problem.set(Some(failure)),
            }
        });
    }

    /// The time that is looked at is in the address when it is not the board's own.
    fn tell_address(self) {
        let pause = Pause::new();
        Effect::new(move |before: Option<()>| {
            let view = self.view.get();
            if before.is_some() {
                pause.then(SETTLED, move || {
                    let span_ms = self.draft.try_with_untracked(|draft| Some(draft.as_ref()?.span_ms));
                    let Some(span_ms) = span_ms.flatten() else { return };
                    let own = TimeView::following(span_ms as f64) == view;
                    let address = self.address.get_untracked();
                    let told = BoardAddress { view: (!own).then_some(view), ..address };
                    if told != address {
                        self.go(told, false);
                    }
                });
            }
        });
    }

    /// A link to exactly what is seen.
    pub(crate) fn link(self) -> String {
        self.router.query.track();
        self.view.track();
        format!("{}{}", crate::browser::origin(), crate::browser::address())
    }
}
