//! What is kept about access control: what devices said last, drafts, templates and the names of servers.

use std::collections::BTreeMap;

use console_api::{
    AccessControl, AccessControlDraft, AccessControlTemplate, AccessControlTemplateList, ServerNames,
};
use store::DocumentChange;

use super::{AccessControlError, Desk, limits, told};
use crate::documents::{DocumentError, Kept};

/// By endpoint; they go with the client.
const KNOWN: &str = "client.access_control";
const DRAFT: &str = "client.access_control_draft";

/// By name.
const TEMPLATE: &str = "access_control_template";

/// There is one.
const SERVERS: &str = "server_names";
const ALL_SERVERS: &str = "";

impl Desk {
    /// What the device said last, without asking it.
    pub(crate) fn known(
        &self,
        endpoint: &str,
        server: Option<u16>,
    ) -> Result<AccessControl, AccessControlError> {
        self.known_client(endpoint)?;
        let mut known = self.last_read(endpoint)?.unwrap_or_default();
        known.server = server.or(known.server);
        known.disagreements = self.disagreements(endpoint, &known)?;
        Ok(known)
    }

    pub(super) fn last_read(&self, endpoint: &str) -> Result<Option<AccessControl>, AccessControlError> {
        Ok(self.documents.one::<AccessControl>(KNOWN, endpoint)?.map(|kept| kept.content))
    }

    /// Remembers what a device says. When two look at once, one of the two is remembered.
    pub(super) async fn remember(
        &self,
        endpoint: &str,
        author: &str,
        told: &AccessControl,
    ) -> Result<(), AccessControlError> {
        let before = self.documents.one::<AccessControl>(KNOWN, endpoint)?;
        let version = before.map_or(0, |kept| kept.version) + 1;
        let saved = self.documents.saved(KNOWN, endpoint, version, author, told)?;
        match self.documents.keep(vec![saved], Vec::new()).await {
            Err(DocumentError::Outdated { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn draft(&self, endpoint: &str) -> Result<AccessControlDraft, AccessControlError> {
        self.known_client(endpoint)?;
        match self.documents.one(DRAFT, endpoint)? {
            Some(kept) => Ok(as_kept(kept)),
            None => Err(AccessControlError::Unknown {
                code: "no_draft",
                message: format!("there is no draft for {endpoint:?}"),
            }),
        }
    }

    /// Saves a draft that was made from the version that is kept.
    pub(crate) async fn save_draft(
        &self,
        endpoint: &str,
        author: String,
        draft: AccessControlDraft,
    ) -> Result<AccessControlDraft, AccessControlError> {
        self.known_client(endpoint)?;
        told::wanted(&draft.base)?;
        told::wanted(&draft.instances)?;
        let (got, version) = (draft.version, draft.version.saturating_add(1));
        let saved_at_ms = self.clock.now().as_millis();
        let draft = AccessControlDraft { version, saved_at_ms, author, ..draft };
        let saved = self.documents.saved(DRAFT, endpoint, version, &draft.author, &draft)?;
        match self.documents.keep(vec![saved], Vec::new()).await {
            Ok(()) => Ok(draft),
            Err(DocumentError::Outdated { kept }) => Err(AccessControlError::Conflict {
                code: "outdated",
                message: "somebody else has saved the draft meanwhile".to_owned(),
                expected: format!("version {kept}"),
                got: format!("version {got}"),
            }),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn delete_draft(&self, endpoint: &str) -> Result<(), AccessControlError> {
        self.known_client(endpoint)?;
        let (kind, key) = (DRAFT.to_owned(), endpoint.to_owned());
        Ok(self.documents.keep(vec![DocumentChange::Removed { kind, key }], Vec::new()).await?)
    }

    /// By name.
    pub(crate) fn templates(&self) -> Result<AccessControlTemplateList, AccessControlError> {
        let templates = self.documents.all(TEMPLATE, "")?;
        Ok(AccessControlTemplateList { templates: templates.into_iter().map(template_as_kept).collect() })
    }

    pub(crate) fn template(&self, name: &str) -> Result<AccessControlTemplate, AccessControlError> {
        let kept = self.documents.one(TEMPLATE, name)?;
        kept.map(template_as_kept).ok_or_else(|| unknown_template(name))
    }

    /// In place of the one that has this name.
    pub(crate) async fn save_template(
        &self,
        name: &str,
        author: String,
        template: AccessControlTemplate,
    ) -> Result<AccessControlTemplate, AccessControlError> {
        bounded("the name of the template", name.trim().len(), 1, limits::NAME_BYTES)?;
        bounded("the description", template.description.len(), 0, limits::DESCRIPTION_BYTES)?;
        told::rules(&template.rules)?;
        let all = self.documents.all::<AccessControlTemplate>(TEMPLATE, "")?;
        let before = all.iter().find(|kept| kept.key == name);
        if before.is_none() {
            bounded("the number of templates", all.len() + 1, 0, limits::TEMPLATES)?;
        }
        let version = before.map_or(0, |kept| kept.version) + 1;
        let saved_at_ms = self.clock.now().as_millis();
        let template = AccessControlTemplate { name: name.to_owned(), saved_at_ms, author, ..template };
        let author = &template.author;
        let saved = self.documents.saved(TEMPLATE, name, version, author, &template)?;
        let details = format!("template {name:?}, {} rules", template.rules.len());
        let audit = self.audit(author, "save_access_control_template", None, details);
        self.documents.keep(vec![saved], vec![audit]).await?;
        Ok(template)
    }

    pub(crate) async fn delete_template(&self, name: &str, author: &str) -> Result<(), AccessControlError> {
        self.template(name)?;
        let (kind, key) = (TEMPLATE.to_owned(), name.to_owned());
        let details = format!("template {name:?}");
        let audit = self.audit(author, "delete_access_control_template", None, details);
        Ok(self.documents.keep(vec![DocumentChange::Removed { kind, key }], vec![audit]).await?)
    }

    pub(crate) fn servers(&self) -> Result<ServerNames, AccessControlError> {
        let kept = self.documents.one::<ServerNames>(SERVERS, ALL_SERVERS)?;
        Ok(kept.map(|kept| kept.content).unwrap_or_default())
    }

    /// All of them. One without a name has none.
    pub(crate) async fn name_servers(
        &self,
        author: &str,
        servers: ServerNames,
    ) -> Result<ServerNames, AccessControlError> {
        let names: BTreeMap<u16, String> = servers
            .names
            .into_iter()
            .map(|(server, name)| (server, name.trim().to_owned()))
            .filter(|(_, name)| !name.is_empty())
            .collect();
        bounded("the number of names", names.len(), 0, limits::SERVER_NAMES)?;
        for (server, name) in &names {
            bounded("the name of a server", name.len(), 0, limits::NAME_BYTES)?;
            if !(1..u16::MAX).contains(server) {
                let message = "only a server has a name";
                let expected = "a Short Server ID from 1 to 65534";
                return Err(AccessControlError::bad(message, expected, server.to_string()));
            }
        }
        let before = self.documents.one::<ServerNames>(SERVERS, ALL_SERVERS)?;
        let version = before.map_or(0, |kept| kept.version) + 1;
        let named = ServerNames { names };
        let saved = self.documents.saved(SERVERS, ALL_SERVERS, version, author, &named)?;
        let audit = self.audit(author, "name_servers", None, format!("{:?}", named.names));
        self.documents.keep(vec![saved], vec![audit]).await?;
        Ok(named)
    }

    fn known_client(&self, endpoint: &str) -> Result<(), AccessControlError> {
        let is_known = self.fleet.view().client(endpoint).is_some();
        if is_known { Ok(()) } else { Err(AccessControlError::UnknownClient(endpoint.to_owned())) }
    }
}

fn as_kept(kept: Kept<AccessControlDraft>) -> AccessControlDraft {
    let Kept { version, saved_at_ms, author, content, .. } = kept;
    AccessControlDraft { version, saved_at_ms, author, ..content }
}

fn template_as_kept(kept: Kept<AccessControlTemplate>) -> AccessControlTemplate {
    let Kept { key, saved_at_ms, author, content, .. } = kept;
    AccessControlTemplate { name: key, saved_at_ms, author, ..content }
}

fn unknown_template(name: &str) -> AccessControlError {
    AccessControlError::Unknown {
        code: "unknown_template",
        message: format!("no template is called {name:?}"),
    }
}

fn bounded(what: &str, got: usize, least: usize, most: usize) -> Result<(), AccessControlError> {
    if (least..=most).contains(&got) {
        return Ok(());
    }
    let message = format!("{what} is out of range");
    Err(AccessControlError::bad(message, format!("{least} to {most}"), got.to_string()))
}
