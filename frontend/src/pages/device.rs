use leptos::prelude::*;
use lwm2m_codec::Path;

use crate::app::{Announcement, PageKeys, Recent};
use crate::browser;
use crate::components::device::{ExecuteDialog, Inspector, TreeCard};
use crate::frame::{PageAction, PageActions, Unsaved};
use crate::keys::Command;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::{Route, Router};
use crate::workbench::{Workbench, offered};

use console_api::Operation;

/// So many Object Instances that the tree starts with its Objects closed.
const LARGE_TREE: usize = 60;

/// One client: its object tree, and the node that is selected.
#[component]
pub(crate) fn DevicePage(endpoint: String) -> impl IntoView {
    let live = expect_context::<Live>();
    let Announcement(announcement) = expect_context();
    let bench = Workbench::new(live, endpoint.clone(), announcement);
    provide_context(bench);
    browser::set_title(&format!("{endpoint} · LwM2M Console"));
    expect_context::<Recent>().add(&endpoint);
    live.open_device(&endpoint);
    let closing = endpoint.clone();
    on_cleanup(move || live.close_device(&closing));

    if let Some(path) = browser::fragment().parse::<Path>().ok().filter(|path| *path != Path::ROOT) {
        bench.select(Some(path));
    }
    let known = memo(move || {
        live.structure.track();
        live.with_device(|device| device.client.as_ref().map(|client| client.registration_id.clone()))
            .flatten()
    });
    Effect::new(move |_| {
        let instances = known.get().and_then(|_| {
            live.with_device(|device| {
                let client = device.client.as_ref()?;
                Some(client.objects.iter().map(|object| object.instances.len()).sum::<usize>())
            })?
        });
        let large = instances.is_some_and(|instances| instances > LARGE_TREE);
        bench.tree.update(|tree| tree.large = large);
    });
    expect_context::<PageKeys>().listen(move |command| act(bench, command));
    expect_context::<Unsaved>().hold(move || bench.drafts.with(|drafts| !drafts.is_empty()));
    lead_to_trace(endpoint);

    view! {
        <div class="device-page" class:has-selection=move || bench.selected.get().is_some()>
            <TreeCard />
            <Inspector />
            <ExecuteDialog />
        </div>
    }
}

/// By key and from the palette.
fn lead_to_trace(endpoint: String) {
    let router = expect_context::<Router>();
    let open = Callback::new(move |()| router.open(Route::Trace { endpoint: Some(endpoint.clone()) }));
    expect_context::<PageKeys>().add("This device", &[('t', "Its CoAP messages")], move |_| open.run(()));
    expect_context::<PageActions>()
        .offer(move || vec![PageAction { title: "Trace of this device".into(), run: open }]);
}

/// A key on the selected node.
fn act(bench: Workbench, command: Command) {
    let Some(path) = bench.selected.get_untracked() else {
        return;
    };
    if command == Command::Close {
        if bench.drafts.with_untracked(|drafts| drafts.contains(&path)) {
            bench.close_write(path);
        } else {
            bench.select(None);
        }
        return;
    }
    let version = bench.live.with_device(|device| {
        device.client.as_ref().map(|client| client.lwm2m_version.clone()).unwrap_or_default()
    });
    let definition = untrack(|| bench.definition(&path));
    let offered = offered(&path, definition.as_ref(), &version.unwrap_or_default());
    match command {
        Command::Read if offered.read => bench.ask(Operation::Read, path),
        Command::Write if offered.write => bench.open_write(path),
        Command::Execute if offered.execute => bench.open_execute(path),
        Command::Observe if offered.observe => bench.toggle_observation(path),
        _ => {}
    }
}
