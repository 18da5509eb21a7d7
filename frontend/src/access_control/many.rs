//! Requests about templates, and about changes of many devices.

use console_api::{
    AccessControlRun, AccessControlRunDevices, AccessControlRunList, AccessControlTemplate,
    AccessControlTemplateList, NewAccessControlRun,
};
use gloo_net::http::Request;

use crate::api::{Failure, answer, answer_to, done};
use crate::routing::percent_encode;

const RUNS: &str = "/api/v1/access-control/runs";
const TEMPLATES: &str = "/api/v1/access-control/templates";

pub(crate) async fn templates() -> Result<Vec<AccessControlTemplate>, Failure> {
    let list: AccessControlTemplateList = answer_to(TEMPLATES).await?;
    Ok(list.templates)
}

pub(crate) async fn save_template(
    template: &AccessControlTemplate,
) -> Result<AccessControlTemplate, Failure> {
    let request = Request::put(&format!("{TEMPLATES}/{}", percent_encode(&template.name)));
    let request = request.json(template).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn delete_template(name: &str) -> Result<(), Failure> {
    let request = Request::delete(&format!("{TEMPLATES}/{}", percent_encode(name)));
    done(request.send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn runs() -> Result<Vec<AccessControlRun>, Failure> {
    let list: AccessControlRunList = answer_to(RUNS).await?;
    Ok(list.runs)
}

pub(crate) async fn start_run(wanted: &NewAccessControlRun) -> Result<AccessControlRun, Failure> {
    let request = Request::post(RUNS).json(wanted).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

/// Does what a dry run has said.
pub(crate) async fn start_run_now(id: u64) -> Result<(), Failure> {
    done(Request::post(&format!("{RUNS}/{id}/apply")).send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn cancel_run(id: u64) -> Result<(), Failure> {
    done(Request::post(&format!("{RUNS}/{id}/cancel")).send().await.map_err(Failure::unreachable)?).await
}

/// `query`: `state=…&offset=…&limit=…`
pub(crate) async fn devices_of_run(id: u64, query: &str) -> Result<AccessControlRunDevices, Failure> {
    answer_to(&format!("{RUNS}/{id}/devices?{query}")).await
}
