//! Changes of configurations: checked as a whole, and stored as a whole.

use std::collections::BTreeSet;

use console_api::{
    BootstrapCheck, BootstrapConfiguration, BootstrapProblem, BootstrapServerAccount,
    SavedBootstrapConfiguration, SecretText,
};
use credentials::{Secret, bytes_of_text, limits as key_limits};
use store::{Audit, SecurityChange};

use super::{
    BootstrapError, Desk,
    configurations::{Secrets, Version},
    limits,
};

/// A configuration that somebody wants saved.
pub(crate) struct Save {
    pub(crate) author: String,
    /// A new one without.
    pub(crate) id: Option<u64>,
    /// The version that it was made from: when there is a later one, somebody else has saved meanwhile.
    pub(crate) of_version: Option<u32>,
    pub(crate) configuration: BootstrapConfiguration,
}

impl Desk {
    pub(crate) async fn save(&self, save: Save) -> Result<SavedBootstrapConfiguration, BootstrapError> {
        let Save { author, id, of_version, configuration } = save;
        self.whole(async move |desk| {
            let mut last = desk.last.lock().await;
            let before = id.map(|id| desk.configurations.one(id)).transpose()?;
            if let (Some(expected), Some(before)) = (of_version, &before)
                && expected != before.number
            {
                return Err(BootstrapError::Saved { expected, got: before.number });
            }
            let what = if before.is_some() { "save_configuration" } else { "add_configuration" };
            let (configuration, secrets) =
                desk.checked(configuration, before.as_deref(), &BTreeSet::new())?;
            let next = desk.next(&mut last, before.as_deref(), &author, configuration, secrets)?;
            desk.store(vec![next], &author, what).await?.pop().ok_or(BootstrapError::NoRoom)
        })
        .await
    }

    /// All or none. One of a name that there is becomes its next version.
    pub(crate) async fn import(
        &self,
        author: String,
        configurations: Vec<BootstrapConfiguration>,
    ) -> Result<Vec<SavedBootstrapConfiguration>, BootstrapError> {
        self.whole(async move |desk| {
            let mut last = desk.last.lock().await;
            let replaced: BTreeSet<String> =
                configurations.iter().map(|configuration| configuration.name.clone()).collect();
            let (mut versions, mut refused) = (Vec::new(), BootstrapCheck::default());
            check_among_themselves(&configurations, &mut refused);
            for (position, configuration) in configurations.into_iter().enumerate() {
                let before = desk.configurations.all();
                let before = before.into_iter().find(|one| one.configuration.name == configuration.name);
                match desk.checked(configuration, before.as_deref(), &replaced) {
                    Ok((configuration, secrets)) => {
                        versions.push(desk.next(
                            &mut last,
                            before.as_deref(),
                            &author,
                            configuration,
                            secrets,
                        )?);
                    }
                    Err(BootstrapError::Refused(check)) => {
                        refused.problems.extend(below(position, check.problems));
                    }
                    Err(error) => return Err(error),
                }
            }
            if !refused.problems.is_empty() {
                return Err(BootstrapError::Refused(refused));
            }
            desk.store(versions, &author, "import_configuration").await
        })
        .await
    }

    /// Makes a new version that is as an earlier one was.
    pub(crate) async fn roll_back(
        &self,
        author: String,
        id: u64,
        to: u32,
    ) -> Result<SavedBootstrapConfiguration, BootstrapError> {
        self.whole(async move |desk| {
            let mut last = desk.last.lock().await;
            let before = desk.configurations.one(id)?;
            let kept = desk.storage.bootstrap().versions(id)?;
            let kept = kept.into_iter().find(|kept| kept.version == to);
            let kept = kept.ok_or(BootstrapError::UnknownVersion { id, version: to })?;
            let earlier = Version::of_kept(&kept, desk.credentials.credentials().vault())?;
            // Others may have taken its name or its devices since.
            let (configuration, secrets) =
                desk.checked(earlier.configuration.clone(), Some(&earlier), &BTreeSet::new())?;
            let next = desk.next(&mut last, Some(&before), &author, configuration, secrets)?;
            desk.store(vec![next], &author, "roll_back_configuration")
                .await?
                .pop()
                .ok_or(BootstrapError::NoRoom)
        })
        .await
    }

    /// All versions of it go.
    pub(crate) async fn delete(
        &self,
        author: String,
        id: u64,
        of_version: Option<u32>,
    ) -> Result<(), BootstrapError> {
        self.whole(async move |desk| {
            let _turn = desk.last.lock().await;
            let before = desk.configurations.one(id)?;
            if let Some(expected) = of_version.filter(|version| *version != before.number) {
                return Err(BootstrapError::Saved { expected, got: before.number });
            }
            let audit = desk.audit(&author, "delete_configuration", &before);
            let mut transaction = desk.credentials.transaction().await;
            transaction.add(SecurityChange::ConfigurationForgotten(id));
            transaction.audit(audit);
            transaction.store().await?;
            desk.configurations.remove(id);
            Ok(())
        })
        .await
    }

    /// What would be said of it if it was saved.
    pub(crate) fn check(&self, id: Option<u64>, mut configuration: BootstrapConfiguration) -> BootstrapCheck {
        let before = id.and_then(|id| self.configurations.one(id).ok());
        match take_secrets(&mut configuration, before.as_deref()) {
            Ok(_) => self.look(&configuration, id, &BTreeSet::new()),
            Err(problems) => BootstrapCheck { problems, warnings: Vec::new() },
        }
    }

    /// A configuration in which nothing is wrong, and apart from it its secrets. Of others those that are replaced do not
    /// count.
    fn checked(
        &self,
        mut configuration: BootstrapConfiguration,
        before: Option<&Version>,
        replaced: &BTreeSet<String>,
    ) -> Result<(BootstrapConfiguration, Secrets), BootstrapError> {
        let refused = |problems| BootstrapError::Refused(BootstrapCheck { problems, warnings: Vec::new() });
        let secrets = take_secrets(&mut configuration, before).map_err(refused)?;
        let check = self.look(&configuration, before.map(|before| before.id), replaced);
        if check.problems.is_empty() {
            Ok((configuration, secrets))
        } else {
            Err(BootstrapError::Refused(check))
        }
    }

    fn look(
        &self,
        configuration: &BootstrapConfiguration,
        id: Option<u64>,
        replaced: &BTreeSet<String>,
    ) -> BootstrapCheck {
        let mut check = bootstrap_configuration::check(configuration, &self.objects.registry());
        let others = self.configurations.all();
        let others = others.iter().filter(|other| Some(other.id) != id);
        for other in others.filter(|other| !replaced.contains(&other.configuration.name)) {
            check_against(configuration, &other.configuration, &mut check);
        }
        check
    }

    fn next(
        &self,
        last: &mut u64,
        before: Option<&Version>,
        author: &str,
        configuration: BootstrapConfiguration,
        secrets: Secrets,
    ) -> Result<Version, BootstrapError> {
        let (id, number) = match before {
            Some(before) => (before.id, before.number + 1),
            None if self.configurations.read().len() >= limits::CONFIGURATIONS => {
                return Err(BootstrapError::NoRoom);
            }
            None => {
                *last += 1;
                (*last, 1)
            }
        };
        let (saved_at, author) = (self.clock.now(), author.to_owned());
        Ok(Version { id, number, saved_at, author, configuration, secrets })
    }

    async fn store(
        &self,
        versions: Vec<Version>,
        author: &str,
        what: &str,
    ) -> Result<Vec<SavedBootstrapConfiguration>, BootstrapError> {
        let mut transaction = self.credentials.transaction().await;
        let vault = self.credentials.credentials().vault();
        for version in &versions {
            transaction.add(SecurityChange::Configuration(Box::new(version.to_kept(vault)?)));
            transaction.audit(self.audit(author, what, version));
        }
        transaction.store().await?;
        let registry = self.objects.registry();
        let told = versions.iter().map(|version| version.told(&registry)).collect();
        versions.into_iter().for_each(|version| self.configurations.put(version));
        Ok(told)
    }

    fn audit(&self, author: &str, what: &str, version: &Version) -> Audit {
        let Version { id, number, configuration, .. } = version;
        Audit {
            at: self.clock.now(),
            author: author.to_owned(),
            what: what.to_owned(),
            endpoint: None,
            details: format!("configuration {id}, version {number}: {:?}", configuration.name),
        }
    }

    /// Does something to its end, also when the caller has gone: what is stored has to count.
    async fn whole<T: Send + 'static, F>(
        &self,
        work: impl FnOnce(Self) -> F + Send + 'static,
    ) -> Result<T, BootstrapError>
    where
        F: Future<Output = Result<T, BootstrapError>> + Send + 'static,
    {
        let done = tokio::spawn(work(self.clone())).await;
        done.map_err(|_| BootstrapError::Desk(crate::credentials::DeskError::Stopping))?
    }
}

/// Takes the secrets out of a configuration. Where an account has none, what was saved for the same server before counts; an
/// empty one removes it.
fn take_secrets(
    configuration: &mut BootstrapConfiguration,
    before: Option<&Version>,
) -> Result<Secrets, Vec<BootstrapProblem>> {
    let (mut secrets, mut problems) = (Secrets::new(), Vec::new());
    for (position, account) in configuration.servers.iter_mut().enumerate() {
        let secret = match account.secret_key.take() {
            None => before.and_then(|before| saved(before, account)),
            Some(SecretText(text)) if text.is_empty() => None,
            Some(SecretText(text)) => match secret(&text) {
                Ok(secret) => Some(secret),
                Err(got) => {
                    let field = format!("servers/{position}/secret_key");
                    let expected = "a key in hexadecimal".to_owned();
                    problems.push(BootstrapProblem { field, expected, got });
                    None
                }
            },
        };
        account.has_secret_key = secret.is_some();
        secrets.extend(secret.map(|secret| (position, secret)));
    }
    if problems.is_empty() { Ok(secrets) } else { Err(problems) }
}

fn saved(before: &Version, account: &BootstrapServerAccount) -> Option<Secret> {
    let is_same = |other: &BootstrapServerAccount| {
        (other.bootstrap_server, other.short_server_id) == (account.bootstrap_server, account.short_server_id)
    };
    let position = before.configuration.servers.iter().position(is_same)?;
    before.secrets.get(&position).cloned()
}

/// What came is described and never repeated.
fn secret(text: &str) -> Result<Secret, String> {
    let bytes = bytes_of_text(text).map_err(|error| error.got)?;
    if bytes.len() > key_limits::CERTIFICATE_BYTES {
        return Err(format!("{} bytes", bytes.len()));
    }
    Ok(Secret::new(bytes))
}

/// Names and assignments are of one configuration.
fn check_against(
    configuration: &BootstrapConfiguration,
    other: &BootstrapConfiguration,
    check: &mut BootstrapCheck,
) {
    if configuration.name == other.name {
        check.problems.push(BootstrapProblem {
            field: "name".to_owned(),
            expected: "one that no other configuration has".to_owned(),
            got: format!("{:?}", other.name),
        });
    }
    for (position, assignment) in configuration.assigned.iter().enumerate() {
        if other.assigned.contains(assignment) {
            check.problems.push(BootstrapProblem {
                field: format!("assigned/{position}"),
                expected: "one that no other configuration has".to_owned(),
                got: format!("that of {:?}", other.name),
            });
        }
    }
}

fn check_among_themselves(configurations: &[BootstrapConfiguration], refused: &mut BootstrapCheck) {
    for (position, configuration) in configurations.iter().enumerate() {
        for earlier in configurations.iter().take(position) {
            let mut check = BootstrapCheck::default();
            check_against(configuration, earlier, &mut check);
            refused.problems.extend(below(position, check.problems));
        }
    }
}

/// The problems of one configuration of several.
fn below(position: usize, problems: Vec<BootstrapProblem>) -> impl Iterator<Item = BootstrapProblem> {
    let at = move |problem: BootstrapProblem| BootstrapProblem {
        field: format!("{position}/{}", problem.field),
        ..problem
    };
    problems.into_iter().map(at)
}
