//! What an offer promises: the columns of the people's file, but for the commitment, which the wallet brings.

use std::{collections::BTreeMap, fmt};

use ofage_primitives::{Attributes, Day};
use ofage_sdk::issuer::intake::{self, Column};
use serde::{
    de::{Error, MapAccess, Visitor},
    Deserialize, Deserializer, Serialize,
};

/// Names of options in an offer, beside the columns.
const OPTIONS: [&str; 4] = ["tx_code", "reissue", "new_evidence", "valid_hours"];

/// One person, as JSON has it: columns by their names, all of them texts. No `Debug`: it holds a birth date.
#[derive(Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Person(BTreeMap<String, String>);

/// What cannot be offered, and why. The value is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfit {
    /// The column at fault; none if it is all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl Unfit {
    pub(super) fn new(column: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            column: column.map(str::to_owned),
            message: message.into(),
        }
    }
}

/// What stands twice is refused: which of the two counts cannot be told.
impl<'de> Deserialize<'de> for Person {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Columns;

        impl<'de> Visitor<'de> for Columns {
            type Value = Person;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object whose values are texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Person, A::Error> {
                let mut columns = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    if columns.insert(name, value).is_some() {
                        return Err(A::Error::custom("a column stands there twice"));
                    }
                }
                Ok(Person(columns))
            }
        }

        deserializer.deserialize_map(Columns)
    }
}

impl Person {
    /// Sets a column.
    pub fn set(&mut self, column: &str, value: String) {
        self.0.insert(column.to_owned(), value);
    }

    /// The issuer's name for the person; empty if it is missing.
    pub fn reference(&self) -> &str {
        self.0.get(Column::Reference.name()).map_or("", |text| text)
    }

    /// Checks all columns, as they are checked in the people's file.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, today: Day) -> Result<(String, Attributes), Unfit> {
        let known = |name: &str| Column::ALL.iter().any(|column| column.name() == name);
        if let Some(name) = self.0.keys().find(|name| !known(name)) {
            let message = match OPTIONS.contains(&&**name) {
                true => "is an option, and stands beside the columns",
                false => "is unknown",
            };
            // The name is the asker's own, and is cut to a length that is no burden.
            let name: String = name.chars().take(64).collect();
            return Err(Unfit::new(Some(&name), message));
        }
        if self.0.contains_key(Column::Identity.name()) {
            let message = "is not for the issuer to give: the wallet proves that it owns it";
            return Err(Unfit::new(Some(Column::Identity.name()), message));
        }
        let fields = |name: &str| self.0.get(name).map(String::as_str);
        intake::person(fields, today)
            .map_err(|(column, reason)| Unfit::new(column.map(Column::name), reason.to_string()))
    }
}
