use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;

use crate::access_control::{
    Cell, Lock, MAX_ID, Mark, Row, Spot, Tile, owner_told, rights_told, target_told,
};
use crate::components::{Glyph, Icon};
use crate::memo::memo;
use crate::pages::AccessControlState;
use crate::routing::Route;

/// One instance of Object 2: what it guards, who owns it, and a cell for each server.
#[component]
pub(super) fn MatrixRow(state: AccessControlState, id: u16) -> impl IntoView {
    let row = memo(move || state.row(id));
    let Some(first) = row.get_untracked() else { return ().into_any() };
    let target = target_told(first.object, first.instance);
    let lock = memo(move || row.with(|row| row.as_ref().and_then(|row| row.lock)));
    let name = memo(move || name(state, first.object, first.instance));
    let head_target = target.clone();
    view! {
        <tr data-testid="matrix-row" data-id=id.to_string() class:locked=move || lock.get().is_some()>
            <th scope="row" class="ac-row-head" tabindex="-1" data-spot=Spot::Row(id).to_string()>
                <code>{head_target}</code>
                <span class="muted">{move || format!(" {}", name.get())}</span>
                {move || lock.get().map(|lock| view! { <LockTold lock=lock /> })}
            </th>
            <td><Owner state=state id=id row=row lock=lock target=target.clone() /></td>
            <For each=move || state.columns.get() key=|server| *server let:server>
                <MatrixCell id=id row=row lock=lock server=server target=target.clone() />
            </For>
        </tr>
    }
    .into_any()
}

/// `Temperature · Living room`: the Object, and what the device calls the instance.
fn name(state: AccessControlState, object: u16, instance: u16) -> String {
    let live = state.live;
    let object_name =
        live.with_model(|model| model.object(object).map(|object| object.name.clone())).unwrap_or_default();
    // Application Type (Resource 5750), where the device has said it.
    let label = (instance != MAX_ID).then(|| lwm2m_codec::Path::resource(object, instance, 5750));
    let label = label.and_then(|path| {
        let cell = live.with_device(|device| device.cell(&path).cloned()).flatten()?;
        cell.content.single().map(|value| crate::format::value(value, 0))
    });
    match label {
        Some(label) => format!("{object_name} · {}", label.trim_matches(['“', '”'])),
        None => object_name,
    }
}

/// Why the row cannot be changed, and who can.
#[component]
fn LockTold(lock: Lock) -> impl IntoView {
    match lock {
        Lock::Bootstrap => view! {
            <a
                class="ac-lock" href=Route::Bootstrap { endpoint: None }.address()
                title="Only bootstrap can change it: with the access control of a bootstrap configuration" tabindex="-1"
            >
                <Glyph icon=Icon::Lock />"bootstrap only"
            </a>
        }
        .into_any(),
        Lock::OwnedBy(owner) => view! {
            <span class="ac-lock" title=format!("Only server {owner}, which owns it, or bootstrap can change it")>
                <Glyph icon=Icon::Lock /><span class="visually-hidden">"decided by server "</span>{owner}
            </span>
        }
        .into_any(),
        Lock::UnknownServer => view! {
            <span class="ac-lock" title="Say which of the servers this one is"><Glyph icon=Icon::Lock /><span class="visually-hidden">"which server is this?"</span></span>
        }
        .into_any(),
    }
}

#[component]
fn Owner(
    state: AccessControlState,
    id: u16,
    row: Memo<Option<Row>>,
    lock: Memo<Option<Lock>>,
    target: String,
) -> impl IntoView {
    let owner =
        memo(move || row.with(|row| row.as_ref().map(|row| (row.owner, row.owner != row.owner_before))));
    move || {
        let (now, changed) = owner.get().unwrap_or_default();
        if lock.get().is_some() {
            return view! { <span class="chip">{owner_told(now)}</span> }.into_any();
        }
        let mut servers = state.columns.get();
        servers.retain(|server| *server != 0);
        servers.push(MAX_ID);
        let option = |server: u16| {
            view! { <option value=server.to_string() selected=server == now>{owner_told(server)}</option> }
        };
        view! {
            <select
                class="ac-owner" class:changed=changed tabindex="-1" data-spot=Spot::Owner(id).to_string()
                aria-label=format!("Owner of {target}") prop:value=now.to_string()
            >
                {servers.into_iter().map(option).collect_view()}
            </select>
        }
        .into_any()
    }
}

#[component]
fn MatrixCell(
    id: u16,
    row: Memo<Option<Row>>,
    lock: Memo<Option<Lock>>,
    server: u16,
    target: String,
) -> impl IntoView {
    let cell =
        memo(move || row.with(|row| row.as_ref()?.cells.iter().find(|cell| cell.server == server).cloned()));
    let tiles =
        memo(move || cell.with(|cell| cell.as_ref().map(|cell| cell.tiles.clone()).unwrap_or_default()));
    let title = move || cell.with(|cell| cell.as_ref().map(|cell| told(cell, server)));
    let class = move || {
        let is = |what: fn(&Cell) -> bool| cell.with(|cell| cell.as_ref().is_some_and(what));
        let changed = if is(Cell::is_changed) { " changed" } else { "" };
        let entry = if is(|cell| cell.now.is_some()) { "" } else { " no-entry" };
        format!("ac-cell{changed}{entry}")
    };
    let whom = if server == 0 { "the default".to_owned() } else { format!("server {server}") };
    view! {
        <td role="gridcell" class=class data-spot=Spot::Cell { id, server }.to_string() title=title>
            {move || {
                let (target, whom, locked) = (target.clone(), whom.clone(), lock.get().is_some());
                tiles
                    .get()
                    .into_iter()
                    .map(|tile| tile_box(cell, Spot::Tile { id, server, tile }, tile, format!("{}: {whom} on {target}", tile.name()), locked))
                    .collect_view()
            }}
        </td>
    }
}

/// A check box that looks like its letter.
fn tile_box(cell: Memo<Option<Cell>>, spot: Spot, tile: Tile, name: String, locked: bool) -> impl IntoView {
    let class = move || cell.with(|cell| cell.as_ref().map_or("ac-tile", |cell| class_of(cell, tile)));
    let has = move || cell.with(|cell| cell.as_ref().is_some_and(|cell| cell.has(tile)));
    view! {
        <input
            type="checkbox" class=class tabindex="-1" data-spot=spot.to_string()
            {..custom_attribute("data-letter", tile.letter())}
            aria-label=name aria-disabled=locked.then_some("true") prop:checked=has
        />
    }
}

fn class_of(cell: &Cell, tile: Tile) -> &'static str {
    let nothing = tile == Tile::Entry && cell.now.is_some_and(|rights| rights.bits() == 0);
    match cell.mark(tile) {
        Mark::Added if nothing => "ac-tile add nothing",
        Mark::Added if tile == Tile::Entry => "ac-tile entry",
        Mark::Added => "ac-tile add",
        Mark::Removed if tile == Tile::Entry && cell.before.is_some_and(|rights| rights.bits() != 0) => {
            "ac-tile"
        }
        Mark::Removed => "ac-tile del",
        Mark::On if nothing => "ac-tile nothing",
        Mark::On if tile == Tile::Entry => "ac-tile entry",
        Mark::On => "ac-tile on",
        Mark::Off if cell.is_inherited(tile) => "ac-tile inherited",
        Mark::Off => "ac-tile",
    }
}

/// What the entry is, or what counts without one.
fn told(cell: &Cell, server: u16) -> String {
    match (cell.now, server) {
        (Some(rights), _) if rights.bits() == 0 => {
            "An entry without any right: the default does not count".to_owned()
        }
        (Some(rights), 0) => format!("Every server without an entry of its own has {}", rights_told(rights)),
        (Some(rights), _) => format!("Its own entry grants {}", rights_told(rights)),
        (None, 0) => "No default".to_owned(),
        (None, _) if cell.inherited.bits() == 0 => "No entry, and nothing else gives it a right".to_owned(),
        (None, _) => format!("No entry: as owner, or by the default, it has {}", rights_told(cell.inherited)),
    }
}
