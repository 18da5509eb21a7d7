//! Drafts, templates and the names of servers.

use anyhow::Result;
use console_api::{
    AccessControlDraft, AccessControlTemplate, AccessControlTemplateList, AuditList, ServerNames,
};
use serde_json::{Value, json};
use whole_program_tests::TestContext;

use super::{path, wanted};

const TEMPLATES: &str = "/api/v1/access-control/templates";
const SERVERS: &str = "/api/v1/access-control/servers";

fn draft(version: u64, rights: u16) -> Value {
    let instance = |rights: u16| wanted(0, (3303, 0), 101, &json!({ "101": rights }));
    json!({ "base": [instance(7)], "instances": [instance(rights)], "version": version })
}

#[tokio::test]
async fn a_draft_is_kept_until_the_device_is_forgotten() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>").await?;
    let at = path("lamp", "/draft");
    assert_eq!(context.rest.get(&at).await?.error(404)?.code, "no_draft");
    let saved: AccessControlDraft = context.rest.put(&at, &draft(0, 1).to_string()).await?.json(200)?;
    assert_eq!((saved.version, saved.instances[0].acl[&101]), (1, 1));
    assert!(saved.author.starts_with("console"), "{}", saved.author);
    context.crash().await?;
    let kept: AccessControlDraft = context.rest.get(&at).await?.json(200)?;
    assert_eq!(kept, saved);
    context.rest.delete("/api/v1/clients/lamp").await?;
    assert_eq!(context.rest.get(&at).await?.error(404)?.code, "unknown_client");
    peer.register("lamp", 300, "</1/0>,</3/0>").await?;
    assert_eq!(context.rest.get(&at).await?.error(404)?.code, "no_draft");
    Ok(())
}

#[tokio::test]
async fn of_two_who_edit_the_same_draft_the_second_is_told() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>").await?;
    let at = path("lamp", "/draft");
    context.rest.put(&at, &draft(0, 1).to_string()).await?.json::<AccessControlDraft>(200)?;
    let second: AccessControlDraft = context.rest.put(&at, &draft(1, 2).to_string()).await?.json(200)?;
    assert_eq!(second.version, 2);
    let refused = context.rest.put(&at, &draft(1, 3).to_string()).await?.error(409)?;
    let details = refused.details.expect("what is kept");
    assert_eq!((refused.code.as_str(), details.expected.as_str()), ("outdated", "version 2"));
    let kept: AccessControlDraft = context.rest.get(&at).await?.json(200)?;
    assert_eq!(kept.instances[0].acl[&101], 2);
    assert_eq!(context.rest.delete(&at).await?.status, 204);
    assert_eq!(context.rest.get(&at).await?.error(404)?.code, "no_draft");
    let bad = context.rest.put(&at, &draft(0, 99).to_string()).await?;
    assert_eq!(bad.error(400)?.code, "bad_request");
    Ok(())
}

#[tokio::test]
async fn templates_are_kept_by_name() -> Result<()> {
    let mut context = TestContext::start().await?;
    let at = format!("{TEMPLATES}/all%20sensors%2F1");
    assert_eq!(context.rest.get(&at).await?.error(404)?.code, "unknown_template");
    let rules = json!([{ "object": 3303, "acl": { "102": 1 } }]);
    let template = json!({ "description": "d", "rules": rules });
    let saved: AccessControlTemplate = context.rest.put(&at, &template.to_string()).await?.json(200)?;
    assert_eq!((saved.name.as_str(), saved.rules[0].object), ("all sensors/1", 3303));
    let mut second = template.clone();
    second["rules"][0]["replace"] = json!(true);
    context.rest.put(&at, &second.to_string()).await?.json::<AccessControlTemplate>(200)?;
    context.restart().await?;
    let list: AccessControlTemplateList = context.rest.get(TEMPLATES).await?.json(200)?;
    assert_eq!(list.templates.len(), 1);
    assert!(list.templates[0].rules[0].replace && list.templates[0].saved_at_ms > 0);
    for bad in [json!({ "rules": [] }), json!({ "rules": [{ "object": 3, "acl": { "101": 32 } }] })] {
        assert_eq!(context.rest.put(&at, &bad.to_string()).await?.error(400)?.code, "bad_request");
    }
    assert_eq!(context.rest.delete(&at).await?.status, 204);
    assert_eq!(context.rest.delete(&at).await?.error(404)?.code, "unknown_template");
    let audits: AuditList = context.rest.get("/api/v1/audit?limit=3").await?.json(200)?;
    let what: Vec<_> = audits.entries.iter().map(|audit| audit.what.as_str()).collect();
    let [save, delete] = ["save_access_control_template", "delete_access_control_template"];
    assert_eq!(what, [delete, save, save]);
    Ok(())
}

#[tokio::test]
async fn servers_have_names() -> Result<()> {
    let context = TestContext::start().await?;
    let none: ServerNames = context.rest.get(SERVERS).await?.json(200)?;
    assert!(none.names.is_empty());
    let named = json!({ "names": { "101": " this one ", "102": "" } });
    let named: ServerNames = context.rest.put(SERVERS, &named.to_string()).await?.json(200)?;
    assert_eq!(named.names, [(101, "this one".to_owned())].into());
    let kept: ServerNames = context.rest.get(SERVERS).await?.json(200)?;
    assert_eq!(kept, named);
    for bad in [json!({ "names": { "0": "a" } }), json!({ "names": { "1": "n".repeat(129) } })] {
        assert_eq!(context.rest.put(SERVERS, &bad.to_string()).await?.error(400)?.code, "bad_request");
    }
    Ok(())
}
