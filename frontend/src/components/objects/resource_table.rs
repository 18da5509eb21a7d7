use leptos::prelude::*;
use lwm2m_model::ResourceDefinition;

use crate::format;

/// The resources of an object.
#[component]
pub(super) fn ResourceTable(resources: Vec<ResourceDefinition>) -> impl IntoView {
    let title = format::plural(resources.len(), "resource");
    view! {
        <h3 class="caption record-title">{title}</h3>
        <table class="plain-table resource-table" data-testid="definition-resources">
            <thead>
                <tr>
                    <th scope="col" class="number">"Id"</th>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Rights"</th>
                    <th scope="col">"Type"</th>
                    <th scope="col">"Range"</th>
                    <th scope="col">"Unit"</th>
                </tr>
            </thead>
            <tbody>{resources.into_iter().map(|resource| view! { <Resource resource=resource /> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Resource(resource: ResourceDefinition) -> impl IntoView {
    let operations = resource.operations;
    let mark = |letter: &'static str, allowed: bool, meaning: &'static str| {
        view! { <span class="mark" class:yes=allowed title=allowed.then_some(meaning)>{letter}</span> }
    };
    let spoken = match (operations.read, operations.write, operations.execute) {
        (true, true, _) => "Read, Write",
        (true, ..) => "Read",
        (_, true, _) => "Write",
        (.., true) => "Execute",
        _ => "none for a server",
    };
    let value_type = resource.value_type.map(|value_type| value_type.to_string());
    let range = resource.value_range().map_or_else(|| resource.range.clone(), |range| range.to_string());
    let described = (!resource.description.trim().is_empty())
        .then(|| view! { <p class="resource-description muted">{resource.description.clone()}</p> });
    view! {
        <tr data-id=resource.id.to_string()>
            <td class="mono number muted">{resource.id}</td>
            <td>
                {resource.name.clone()}
                {resource.mandatory.then(|| view! { <span class="resource-note" title="Mandatory">" *"</span> })}
                {resource.multiple.then(|| view! { <span class="chip resource-chip">"multiple"</span> })}
                {described}
            </td>
            <td>
                <span class="marks" aria-hidden="true">
                    {mark("R", operations.read, "readable")}
                    {mark("W", operations.write, "writable")}
                    {mark("E", operations.execute, "executable")}
                </span>
                <span class="visually-hidden">{spoken}</span>
            </td>
            <td>{value_type.unwrap_or_default()}</td>
            <td class="wrap resource-range">{range}</td>
            <td>{resource.units.clone()}</td>
        </tr>
    }
}
