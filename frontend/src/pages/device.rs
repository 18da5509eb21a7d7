use console_api::Operation;
use leptos::ev;
use leptos::prelude::*;

use crate::browser;
use crate::components::LabelDialog;
use crate::components::boards::AddToBoardDialog;
use crate::components::device::{
    CompareDialog, DeviceDialog, DeviceHead, DeviceState, Inspector, NodeMenu, TreeCard,
};
use crate::frame::{Announcement, PageAction, PageActions, PageKeys, Recent, Unsaved};
use crate::keys::Command;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::{Route, Router};
use crate::workbench::{Dialog, LETTERS, Workbench};

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

    bench.follow_compared();
    bench.follow_address();
    bench.follow_commands();
    bench.tell_chart_address();
    let moved = window_event_listener(ev::popstate, move |_| bench.follow_address());
    on_cleanup(move || moved.remove());
    let registration = memo(move || bench.with_client(|client| client.registration_id.clone()));
    Effect::new(move |_| {
        let instances = registration.get().and_then(|_| {
            untrack(|| {
                bench.with_client(|client| {
                    client.objects.iter().map(|object| object.instances.len()).sum::<usize>()
                })
            })
        });
        let large = instances.is_some_and(|instances| instances > LARGE_TREE);
        bench.tree.update(|tree| tree.large = large);
    });
    Effect::new(move |_| {
        registration.track();
        bench.look_up_rights();
    });
    expect_context::<PageKeys>().listen(move |command| act(bench, command));
    let departed = memo(move || {
        live.structure.track();
        live.with_device(|device| device.departed.is_some()).unwrap_or(false)
    });
    expect_context::<Unsaved>().hold(move || bench.has_unsaved());
    offer_actions(bench, endpoint);

    view! {
        <div
            class="device-page"
            class:has-selection=move || bench.selected.get().is_some()
            class:departed=departed
        >
            <DeviceHead />
            <DeviceState />
            <TreeCard />
            <Inspector />
            <DeviceDialog />
            <NodeMenu />
            <LabelDialog endpoint=bench.labelling />
            <AddToBoardDialog wanted=bench.boarding />
            <CompareDialog />
        </div>
    }
}

/// What the device page adds to keys and palette.
fn offer_actions(bench: Workbench, endpoint: String) {
    let router = expect_context::<Router>();
    let trace = Callback::new(move |()| router.open(Route::Trace { endpoint: Some(endpoint.clone()) }));
    let act = move |letter: char| if letter == 't' { trace.run(()) } else { bench.act_on_letter(letter) };
    expect_context::<PageKeys>().add("This device", LETTERS, act);
    let action = |title: &str, run: Callback<()>| PageAction { title: title.into(), run };
    let sweep = move |operation: Operation| Callback::new(move |()| bench.sweep_objects(operation));
    expect_context::<PageActions>().offer(move || {
        let mut actions = vec![
            action("Read all Objects of this device", sweep(Operation::Read)),
            action("Discover all Objects of this device", sweep(Operation::Discover)),
            action("Trace of this device", trace),
        ];
        let options = Callback::new(move |()| bench.dialog.set(Some(Dialog::RequestOptions)));
        actions.push(action("Request options", options));
        if let Some(trigger) = bench.update_trigger() {
            let update = Callback::new(move |()| bench.ask(Operation::Execute, trigger));
            actions.push(action("Registration update", update));
        }
        actions
    });
}

/// A key on the selected node.
fn act(bench: Workbench, command: Command) {
    let Some(path) = bench.selected.get_untracked() else {
        return;
    };
    let offered = untrack(|| bench.offered(&path));
    match command {
        Command::Close if bench.drafts.with_untracked(|drafts| drafts.contains(&path)) => {
            bench.close_write(path);
        }
        Command::Close if bench.attributes.with_untracked(|drafts| drafts.contains(&path)) => {
            bench.close_attributes(path);
        }
        Command::Close => bench.select(None),
        Command::Read if offered.read => bench.ask(Operation::Read, path),
        Command::Write if offered.write => bench.open_write(path),
        Command::Execute if offered.execute => bench.open_execute(path),
        Command::Observe if offered.observe => bench.toggle_observation(path),
        _ => {}
    }
}
