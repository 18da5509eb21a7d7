//! The bounds that matter to an operator: how much is used, how often that was not enough, and what happens then.

use coap::Usage;
use console_api::LimitUse;

use crate::{
    http::State,
    objects, observations,
    runtime::{BootstrapRuntimeUsage, RuntimeUsage},
    simulated,
};

pub(super) fn limits(
    state: &State,
    usage: &RuntimeUsage,
    bootstrap: Option<&BootstrapRuntimeUsage>,
) -> Vec<LimitUse> {
    of_devices(state, usage)
        .into_iter()
        .chain(of_the_server(state, usage))
        .chain(usage.dtls.iter().flat_map(|dtls| of_dtls("", "", dtls)))
        .chain(of_bootstrap(state, bootstrap))
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

/// `before` tells the limits of both servers apart, for programs, and `whose` for people.
fn of_dtls(before: &str, whose: &str, usage: &dtls::Usage) -> Vec<LimitUse> {
    let dtls = |name: &str, title: &str, dtls::Use { used, limit, reached }: dtls::Use, at_limit: &str| {
        let (name, title) = (format!("{before}dtls_{name}"), format!("{title}{whose}"));
        self::limit(&name, &title, Usage { used, limit, reached }, at_limit)
    };
    vec![
        dtls(
            "handshakes",
            "Handshakes under way",
            usage.handshakes,
            "The one that has waited longest is given up, and its device begins anew.",
        ),
        dtls(
            "sessions",
            "Security sessions",
            usage.sessions,
            "The longest idle one is closed, and its device makes a new handshake.",
        ),
        dtls(
            "whole_sessions",
            "Security sessions without Connection ID or AEAD, which take more memory",
            usage.whole_sessions,
            "The longest idle one is closed, and its device makes a new handshake.",
        ),
        dtls(
            "resumable",
            "Security sessions that can be resumed",
            usage.resumable,
            "The oldest is forgotten, and its device makes a full handshake.",
        ),
        dtls(
            "sources",
            "Addresses whose handshakes are counted",
            usage.sources,
            "Handshakes from further addresses are dropped for a while.",
        ),
    ]
}

fn of_bootstrap(state: &State, usage: Option<&BootstrapRuntimeUsage>) -> Vec<LimitUse> {
    let kept = limit(
        "bootstrap_sessions",
        "Bootstrap sessions listed",
        state.bootstrap.sessions.usage(),
        "The oldest that is over goes.",
    );
    let Some(BootstrapRuntimeUsage { role, dtls, notices }) = usage else { return vec![kept] };
    let mut limits = vec![
        kept,
        limit(
            "bootstraps",
            "Devices that bootstrap at once",
            role.sessions,
            "A further device is answered 5.03 and told to come back.",
        ),
        limit(
            "bootstrap_addresses",
            "Devices without security remembered for bootstrap",
            role.remembered_addresses,
            "The one heard longest ago is forgotten, and can only begin itself.",
        ),
        limit(
            "bootstrap_refusals",
            "Devices that were refused at bootstrap and are counted",
            role.refusals,
            "What is refused before there is a session is only in the log.",
        ),
        limit(
            "bootstrap_notices",
            "Messages of bootstrap sessions that are not kept yet",
            *notices,
            "No further datagram is taken, so that devices send theirs again.",
        ),
    ];
    limits.extend(dtls.iter().flat_map(|dtls| of_dtls("bootstrap_", ", Bootstrap-Server", dtls)));
    limits
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
        limit("credentials", "Credentials", state.desk.credentials().usage(), "Further ones are refused."),
        limit(
            "authorities",
            "Certificate authorities of others",
            state.desk.credentials().authority_usage(),
            "A further one is refused.",
        ),
        limit(
            "access_control_run_devices",
            "Devices of changes of access control that are kept",
            state.access_control.runs.usage(),
            "The oldest change that is over goes; while none is, a further one is refused.",
        ),
        limit("boards", "Boards", state.boards.usage(), "A further one is refused."),
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
