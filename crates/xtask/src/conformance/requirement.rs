use std::{collections::BTreeSet, fmt, fs, path::Path};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

const FILE: &str = "assets/conformance.json";

/// `S-001`: a row of the table. `S` is the server, `B` the Bootstrap-Server, `C` the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowId {
    role: char,
    number: u16,
}

impl RowId {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (role, number) = text.split_once('-')?;
        Self::of_words(role, number)
    }

    fn of_words(role: &str, number: &str) -> Option<Self> {
        let role = ["S", "B", "C"].into_iter().find(|known| *known == role)?.chars().next()?;
        let digits = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self { role, number: number.parse().ok().filter(|_| digits)? })
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:03}", self.role, self.number)
    }
}

/// The rows that a test proves by its name: `s_038_s_039_an_update_renews`, or `S-119 S-120 tlv-001` where tests
/// are made of data.
pub(crate) fn rows_of(test: &str) -> Vec<RowId> {
    let named: Vec<RowId> = test.split(' ').map_while(RowId::parse).collect();
    if !named.is_empty() {
        return named;
    }
    let words = words(test);
    words.chunks(2).map_while(lower_case_row).collect()
}

/// Rows that stand elsewhere in a name than at its beginning, as in a range: they would prove nothing.
pub(crate) fn misplaced_rows(function: &str) -> Vec<RowId> {
    let words = words(function);
    let rest = words.get(2 * rows_of(function).len()..).unwrap_or_default();
    rest.windows(2).filter_map(lower_case_row).collect()
}

fn words(test: &str) -> Vec<&str> {
    test.rsplit("::").next().unwrap_or(test).split('_').collect()
}

fn lower_case_row(pair: &[&str]) -> Option<RowId> {
    let [role @ ("s" | "b" | "c"), number] = pair else { return None };
    RowId::of_words(&role.to_uppercase(), number)
}

/// What a server or a client must do, said so that it can be tested.
#[derive(Debug)]
pub(crate) struct Requirement {
    pub(crate) id: RowId,
    pub(crate) area: String,
    pub(crate) statement: String,
    /// The versions of LwM2M it holds for.
    pub(crate) version: String,
    /// Where the standard says so.
    pub(crate) source: String,
    /// Cases of the Enabler Test Specification that ask for it.
    pub(crate) ets: Vec<String>,
}

/// The table, in its order.
#[derive(Debug)]
pub(crate) struct Requirements(pub(crate) Vec<Requirement>);

impl Requirements {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
        Self::parse(&text).with_context(|| format!("in {FILE}"))
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let rows: Vec<Value> = serde_json::from_str(text).context("an array of rows expected")?;
        let rows = rows.iter().map(requirement).collect::<Result<Vec<_>>>()?;
        let mut known = BTreeSet::new();
        if let Some(twice) = rows.iter().find(|row| !known.insert(row.id)) {
            bail!("{} is there twice", twice.id);
        }
        Ok(Self(rows))
    }

    pub(crate) fn has(&self, id: RowId) -> bool {
        self.0.iter().any(|row| row.id == id)
    }

    /// The areas and their rows, in the order of the table.
    pub(crate) fn areas(&self) -> impl Iterator<Item = &[Requirement]> {
        self.0.chunk_by(|a, b| a.area == b.area)
    }

    /// The rows that are meant by an id or by the name of an area.
    pub(crate) fn named(&self, name: &str) -> Result<BTreeSet<RowId>> {
        let meant = |row: &&Requirement| {
            row.id.to_string().eq_ignore_ascii_case(name) || row.area.eq_ignore_ascii_case(name)
        };
        let rows: BTreeSet<RowId> = self.0.iter().filter(meant).map(|row| row.id).collect();
        if rows.is_empty() {
            let areas: Vec<&str> =
                self.areas().filter_map(<[_]>::first).map(|row| row.area.as_str()).collect();
            bail!("there is no row and no area `{name}`; the areas are: {}", areas.join(", "));
        }
        Ok(rows)
    }
}

fn requirement(row: &Value) -> Result<Requirement> {
    let text = |key: &str| -> Result<String> {
        let text = row[key].as_str().with_context(|| format!("a text expected as `{key}`, got {row}"))?;
        Ok(text.to_owned())
    };
    let id = text("id")?;
    let id = RowId::parse(&id).with_context(|| format!("an id like S-001 expected, got `{id}`"))?;
    let ets = row["ets"].as_array().with_context(|| format!("{id}: a list of ETS cases expected"))?;
    Ok(Requirement {
        id,
        area: text("area")?,
        statement: text("statement")?,
        version: text("version")?,
        source: text("source")?,
        ets: ets.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn row(id: &str) -> RowId {
        RowId::parse(id).unwrap()
    }

    #[test]
    fn a_name_begins_with_the_rows_it_proves() {
        assert_eq!(rows_of("s_038_s_039_an_update_renews"), [row("S-038"), row("S-039")]);
        assert_eq!(rows_of("client::tests::c_021_read"), [row("C-021")]);
        assert_eq!(rows_of("S-119 S-120 tlv-001"), [row("S-119"), row("S-120")]);
        for nothing in ["an_update", "s_38_x", "x_001", "s_0001", "tlv-001", "s_00a_x"] {
            assert_eq!(rows_of(nothing), [], "{nothing}");
        }
    }

    #[test]
    fn a_range_is_seen() {
        assert_eq!(misplaced_rows("s_038_to_s_042_update"), [row("S-042")]);
        assert_eq!(misplaced_rows("update_s_042"), [row("S-042")]);
        assert_eq!(misplaced_rows("s_038_s_039_update"), []);
    }

    #[test]
    fn rows_are_named_by_id_and_by_area() {
        let table = Requirements::parse(&TABLE.replace('\'', "\"")).unwrap();
        assert_eq!(table.named("s-002").unwrap(), BTreeSet::from([row("S-002")]));
        assert_eq!(table.named("registration").unwrap().len(), 2);
        let error = table.named("S-999").unwrap_err().to_string();
        assert_eq!(error, "there is no row and no area `S-999`; the areas are: Registration, Reporting");
    }

    /// Two areas, for the tests of this module and its neighbours.
    pub(crate) const TABLE: &str = "[
        {'id':'S-001','area':'Registration','statement':'Accepts a|b','version':'1.0+','source':'Core 6.2.1','ets':['int-101']},
        {'id':'S-002','area':'Registration','statement':'Locations differ','version':'1.0+','source':'[D]','ets':[]},
        {'id':'S-093','area':'Reporting','statement':'Observe','version':'1.1+','source':'Core 6.4.1','ets':[]}]";
}
