//! The worked cases of `assets/vectors/acl_cases.json`, each a test with the id of the case, behind the row of the
//! conformance table that all of them prove.

// A file that cannot be read fails the tests.
#![allow(clippy::unwrap_used)]

mod acl_case;

use std::path::Path as FilePath;
use std::process::ExitCode;

use acl_case::{Context, Request, decide};
use libtest_mimic::{Arguments, Failed, Trial};
use lwm2m_model::Registry;
use lwm2m_model::access_control::{Decision, Effect, Grant, Outcome, Reason};
use serde::Deserialize;

const ROW: &str = "C-035";

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    desc: String,
    context: Context,
    request: Request,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// None: there is no answer, the client reports or keeps quiet.
    code: Option<String>,
    reason: String,
    paths: Option<Vec<String>>,
    #[serde(default)]
    silent: bool,
    side_effect: Option<SideEffect>,
    #[serde(default)]
    uncertain: bool,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum SideEffect {
    Created { object: u16, instance: u16, owner: u16 },
    Removed { removed_ac_for: String },
}

fn main() -> ExitCode {
    let assets = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
    let read = |name| std::fs::read_to_string(assets.join(name)).unwrap();
    let file: File = serde_json::from_str(&read("vectors/acl_cases.json")).unwrap();
    let registry: &'static Registry =
        Box::leak(Box::new(Registry::from_json(&read("registry/objects.json")).unwrap()));
    let trials = file.cases.into_iter().map(|case| {
        Trial::test(format!("{ROW} {}", case.id), move || {
            case.check(registry).map_err(|what| Failed::from(format!("{}: {what}", case.desc)))
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

impl Case {
    fn check(&self, registry: &Registry) -> Result<(), String> {
        let decision = decide(&self.context, &self.request, registry);
        let shown = format!("{} because {}", decision.outcome, decision.reason);
        let expect = &self.expect;
        let code = decision.code().map(|code| code.to_string());
        let code = code.as_deref().and_then(|code| code.split(' ').next());
        equal("code", &expect.code.as_deref(), &code, &shown)?;
        if expect.code.is_none() {
            let outcome = if expect.silent { Outcome::NotSent } else { Outcome::Sent };
            equal("outcome", &outcome, &decision.outcome, &shown)?;
        }
        if let Some(paths) = &expect.paths {
            let allowed: Vec<String> = decision.allowed.iter().map(ToString::to_string).collect();
            equal("paths", paths, &allowed, &shown)?;
        }
        match &expect.side_effect {
            Some(SideEffect::Created { object, instance, owner }) => {
                let effect =
                    Effect::GuardCreated { object: *object, instance: Some(*instance), owner: *owner };
                equal("effects", &vec![effect], &decision.effects, &shown)?;
            }
            Some(SideEffect::Removed { removed_ac_for }) => {
                equal("effects", &Some(removed_ac_for.clone()), &removed(&decision), &shown)?;
            }
            None => {}
        }
        if !gives_reason(&expect.reason, &decision) {
            return Err(format!("expected the reason {:?}, got {:?}", expect.reason, decision.reason));
        }
        if expect.uncertain && decision.may_differ.is_empty() {
            return Err(format!("expected that clients may differ, got a certain decision: {shown}"));
        }
        Ok(())
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(
    what: &str,
    expected: &T,
    got: &T,
    shown: &str,
) -> Result<(), String> {
    if expected == got { Ok(()) } else { Err(format!("{what}: expected {expected:?}, got {got:?}: {shown}")) }
}

fn removed(decision: &Decision) -> Option<String> {
    decision.effects.iter().find_map(|effect| match effect {
        Effect::GuardRemoved { guarded, .. } => Some(guarded.to_string()),
        Effect::GuardCreated { .. } => None,
    })
}

/// Whether a decision is made for the reason that a case gives in words.
fn gives_reason(words: &str, decision: &Decision) -> bool {
    let reason = &decision.reason;
    let lacks = |reason: &Reason| matches!(reason, Reason::Rights { needed, granted, .. } if !granted.contains(*needed));
    let grant = match reason {
        Reason::Rights { grant, .. } => Some(*grant),
        _ => None,
    };
    let discover = matches!(reason, Reason::NoRightNeeded { operation: "Discover" });
    match words {
        "access control disabled: full rights" => {
            grant == Some(Grant::Disabled) && reason.to_string().contains("disabled")
        }
        "own ACL entry" => matches!(grant, Some(Grant::OwnEntry { .. })),
        "default ACL entry 0" => matches!(grant, Some(Grant::DefaultEntry { .. })),
        "owner without own ACL entry: full rights" => matches!(grant, Some(Grant::Owner { .. })),
        "no ACL entry and no default" => discover || matches!(grant, Some(Grant::NoEntry { .. })),
        "no access control instance for the target" => discover,
        "object-level ACL" => matches!(reason, Reason::CreateEntry { .. } | Reason::NoCreateEntry { .. }),
        "no access control instance for the object level" => matches!(reason, Reason::NoCreateGuard { .. }),
        "right W granted, resource does not support Write" => {
            matches!(reason, Reason::NotSupported { operation: "Write", .. })
        }
        "right E granted, resource does not support Execute" => {
            matches!(reason, Reason::NotSupported { operation: "Execute", .. })
        }
        "W not granted; access right is step 1, support is step 2" | "atomic" => lacks(reason),
        "Core: Operation on Object" => {
            matches!(reason, Reason::NoRightNeeded { operation: "Write-Attributes" })
        }
        "aggregation over instances with R"
        | "aggregation"
        | "owner 102 reads /6/0"
        | "instances without R are skipped"
        | "all readable instances; never /0, /21"
        | "as Read-Composite"
        | "client drops what the server may not read" => matches!(reason, Reason::Aggregate { .. }),
        "no instance readable" | "no Notify is sent when R is not granted" => nothing_readable(decision),
        "W on every instance" => matches!(reason, Reason::AllWritable { targets: 2 }),
        "Security object is never accessible on this interface"
        | "same"
        | "ETS int-221"
        | "OSCORE object is never accessible (1.1+)" => matches!(reason, Reason::ForbiddenObject { .. }),
        "Bootstrap interface is exempt" => *reason == Reason::Bootstrap,
        "only the owner manages the access control instance" => {
            matches!(grant, Some(Grant::AccessControl { owner: 101 })) && !lacks(reason)
        }
        "not the owner" => matches!(grant, Some(Grant::AccessControl { owner: 101 })) && lacks(reason),
        "owner is MAX_ID" => matches!(grant, Some(Grant::AccessControl { owner: 65535 })) && lacks(reason),
        "cascade" => matches!(grant, Some(Grant::Owner { .. })),
        words if words.starts_with("no instance readable: ") => nothing_readable(decision),
        words if words.starts_with("Device instance cannot be deleted") => *reason == Reason::DeviceInstance,
        words if words.starts_with("specification gives no ACL for /2 itself") => {
            matches!(grant, Some(Grant::AccessControl { .. }))
        }
        words if words.starts_with("instances are made by bootstrap") => {
            *reason == Reason::ManagementOfAccessControl
        }
        words if words.starts_with("client adds AC instance {16,3,owner 101") => {
            matches!(reason, Reason::CreateEntry { .. }) && decision.effects.len() == 1
        }
        words if words.starts_with("D granted; removal of the AC instance") => {
            matches!(grant, Some(Grant::OwnEntry { .. })) && removed(decision).as_deref() == Some("/16/0")
        }
        words if words.starts_with("target does not exist") => matches!(reason, Reason::NotFound { .. }),
        _ => false,
    }
}

fn nothing_readable(decision: &Decision) -> bool {
    let lacks = |reason: &Reason| matches!(reason, Reason::Rights { needed, granted, .. } if !granted.contains(*needed));
    matches!(decision.reason, Reason::NothingReadable { .. })
        && decision.left_out.iter().all(|left| lacks(&left.reason))
}
