//! The bounds that matter to an operator: how much is used, how often that was not enough, and what happens then.

use coap::Usage;
use console_api::LimitUse;

use crate::{http::State, objects, observations, runtime::RuntimeUsage, simulated};

pub(super) fn limits(state: &State, usage: &RuntimeUsage) -> Vec<LimitUse> {
    of_devices(state, usage)
        .into_iter()
        .chain(of_the_server(state, usage))
        .chain(of_operators(state))
        .collect()
}

fn of_devices(state: &State, RuntimeUsage { server, .. }: &RuntimeUsage) -> Vec<LimitUse> {
    let (listed, left_out) = state.observations.fill();
    let listed = Usage { used: listed, limit: observations::LISTED, reached: left_out };
    vec![
        limit(
            "registrations",
            "Registered clients",
            server.registrations,
            "A further client is answered 5.03 and told to come back; Updates of the others still work.",
        ),
        limit(
            "departed_clients",
            "Clients kept after they left",
            state.fleet.view().departed_usage(),
            "The one that left first is forgotten; those with a name, tags or notes after all others.",
        ),
        limit(
            "observations",
            "Observations listed",
            listed,
            "A further one works, and is shown with its device only.",
        ),
        limit(
            "commands",
            "Commands that are not over",
            server.commands,
            "A further one is refused; those that were accepted stay.",
        ),
        limit(
            "commands_over",
            "Commands listed that are over",
            state.fleet.view().commands().usage(),
            "The oldest is no longer listed.",
        ),
        limit(
            "peers",
            "Addresses spoken with",
            server.coap.peers,
            "The longest idle one is forgotten; while none is idle, operations for further ones fail.",
        ),
        limit(
            "open_requests",
            "Requests of devices not answered yet",
            server.coap.open_requests,
            "A further request is answered 5.03 and told to come back.",
        ),
        limit(
            "deduplication",
            "Messages remembered, to know them when they come twice",
            server.coap.deduplication_entries,
            "The oldest is forgotten; if it comes again it is taken for a new one.",
        ),
    ]
}

fn of_the_server(state: &State, usage: &RuntimeUsage) -> Vec<LimitUse> {
    let (records, bytes) = state.trace.usage();
    vec![
        limit(
            "open_flows",
            "Requests that wait for the store",
            usage.server.open_flows,
            "A further request is answered 5.03; a notification is not acknowledged, so that it comes again.",
        ),
        limit(
            "store_queue",
            "Changes on their way to the store",
            usage.store_queue,
            "A further change fails, and the device is told to come back.",
        ),
        limit(
            "operation_queue",
            "Operations of operators not begun",
            usage.operation_queue,
            "Whoever asks for a further operation waits for its turn.",
        ),
        limit("trace", "Datagrams in the trace", records, "The oldest one goes."),
        limit("trace_bytes", "Bytes of the datagrams in the trace", bytes, "The oldest ones go."),
        limit(
            "consoles",
            "Consoles and scripts that follow what happens",
            state.fleet.reader_usage(),
            "A further one is answered 503.",
        ),
        limit(
            "event_journal",
            "Events kept for consoles",
            state.fleet.view().journal_usage(),
            "The oldest one goes; a console that has not seen it yet gets everything anew.",
        ),
    ]
}

fn of_operators(state: &State) -> Vec<LimitUse> {
    let uploaded = Usage {
        used: state.objects.uploaded_count(),
        limit: objects::UPLOADED,
        reached: state.objects.refused(),
    };
    let simulated = Usage {
        used: state.simulation.endpoints().len(),
        limit: simulated::DEVICES as usize,
        reached: state.simulation.refused(),
    };
    vec![
        limit("uploaded_objects", "Uploaded object definitions", uploaded, "Further ones are refused."),
        limit("simulated_devices", "Simulated devices", simulated, "Further ones are refused."),
    ]
}

fn limit(name: &str, title: &str, Usage { used, limit, reached }: Usage, at_limit: &str) -> LimitUse {
    LimitUse {
        name: name.to_owned(),
        title: title.to_owned(),
        used: used as u64,
        limit: limit as u64,
        reached,
        at_limit: at_limit.to_owned(),
    }
}
