//! Drafts, templates and the names of servers.

use serde_json::json;

use super::{
    super::operation::{Operation, delete, get, in_path, path, put, string},
    Paths,
    clients::endpoint,
};

const UNKNOWN: (u16, &str) = (404, "`unknown_client`: nothing is known of a client of that name.");
const UNKNOWN_TEMPLATE: (u16, &str) = (404, "`unknown_template`: no template has that name.");
const NOT_JSON: (u16, &str) = (415, "`not_json`");
const MEMBER: (u16, &str) = (422, "A member is unknown or of another type.");
const NOT_STORED: (u16, &str) = (503, "`not_stored`, or the server is stopping.");

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/clients/{endpoint}/access-control/draft", path([draft(), save_draft(), delete_draft()])),
        ("/api/v1/access-control/servers", path([servers(), name_servers()])),
        ("/api/v1/access-control/templates", path([templates()])),
        ("/api/v1/access-control/templates/{name}", path([template(), save_template(), delete_template()])),
    ]
}

fn draft() -> Operation {
    get("access control", "readAccessControlDraft", "Edits that are not applied yet")
        .parameters(endpoint())
        .answers_json(200, "AccessControlDraft", "As it was saved last.")
        .fails(&[(404, "`unknown_client`, or `no_draft`: there is none.")])
}

fn save_draft() -> Operation {
    put("access control", "saveAccessControlDraft", "Keeps edits that are not applied yet")
        .description("`version` is the one that it was made from, 0 for a new draft.")
        .parameters(endpoint())
        .json_body(
            "AccessControlDraft",
            true,
            &[("begun", json!({ "base": [], "instances": [], "version": 0 }))],
        )
        .answers_json(200, "AccessControlDraft", "As it is kept, with its new version.")
        .fails(&[
            (400, "An entry is none."),
            UNKNOWN,
            (409, "`outdated`: somebody else has saved it since that version."),
            NOT_JSON,
            MEMBER,
            NOT_STORED,
        ])
}

fn delete_draft() -> Operation {
    delete("access control", "deleteAccessControlDraft", "Forgets a draft")
        .parameters(endpoint())
        .answers_nothing("There is none any more.")
        .fails(&[UNKNOWN, NOT_STORED])
}

fn servers() -> Operation {
    get("access control", "listServerNames", "What operators call the servers of their devices").answers_json(
        200,
        "ServerNames",
        "By Short Server ID.",
    )
}

fn name_servers() -> Operation {
    put("access control", "nameServers", "Names the servers of devices, all of them")
        .json_body(
            "ServerNames",
            true,
            &[("two", json!({ "names": { "101": "this one", "102": "the maker" } }))],
        )
        .answers_json(200, "ServerNames", "As they are kept.")
        .fails(&[
            (400, "A name is too long, or no server has that Short Server ID."),
            NOT_JSON,
            MEMBER,
            NOT_STORED,
        ])
}

fn templates() -> Operation {
    get("access control", "listAccessControlTemplates", "Sets of rights that are kept").answers_json(
        200,
        "AccessControlTemplateList",
        "By name.",
    )
}

fn template() -> Operation {
    get("access control", "readAccessControlTemplate", "One set of rights")
        .parameters([name()])
        .answers_json(200, "AccessControlTemplate", "As it was saved last.")
        .fails(&[UNKNOWN_TEMPLATE])
}

fn save_template() -> Operation {
    let rule = json!({ "object": 3303, "acl": { "102": 1 } });
    put(
        "access control",
        "saveAccessControlTemplate",
        "Keeps a set of rights, in place of what has this name",
    )
    .parameters([name()])
    .json_body("AccessControlTemplate", true, &[("a server more reads", json!({ "rules": [rule] }))])
    .answers_json(200, "AccessControlTemplate", "As it is kept.")
    .fails(&[(400, "A rule is none, or there are too many."), NOT_JSON, MEMBER, NOT_STORED])
}

fn delete_template() -> Operation {
    delete("access control", "deleteAccessControlTemplate", "Forgets a set of rights")
        .parameters([name()])
        .answers_nothing("There is none of that name any more.")
        .fails(&[UNKNOWN_TEMPLATE, NOT_STORED])
}

fn name() -> serde_json::Value {
    in_path("name", string("sensors"), "Of the template, percent-encoded.")
}
