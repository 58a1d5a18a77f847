//! Rows of a query to a PostgreSQL database.
//!
//! The query runs in a transaction that can only read. Its rows come one after another, as the network takes them, so that
//! memory does not grow with them.

use futures::TryStreamExt;
use tokio_postgres::{config::Host, Config, NoTls};

use super::{json_row, BadRow, Row, Rules};

/// The database gives no rows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// No such description of a connection. It is not repeated: it may hold a password.
    #[error("the file describes no connection; write something like: host=/var/run/postgresql user=ofage dbname=customers")]
    Config,
    /// The connection would leave the machine in the clear.
    #[error("the database is on another machine, and this program speaks to it without encryption; name a Unix socket or loopback, and lead a tunnel there (ssh -L)")]
    Remote,
    /// It says no.
    #[error("the database says: {0}")]
    Database(String),
    /// Something else failed on the way.
    #[error("{0}")]
    Stopped(String),
}

/// Classes of errors whose words are about connections, rights, names, syntax and resources. In those of others, a value of a
/// row may stand: `invalid input syntax for type date: "1990-02-30"`.
const TOLD: [&str; 10] = ["08", "25", "28", "3D", "3F", "42", "53", "54", "57", "58"];

/// What the database says, without the values that it may repeat.
fn told(error: &tokio_postgres::Error) -> PostgresError {
    PostgresError::Database(match error.as_db_error() {
        Some(error) => words(error.message(), error.code().code()),
        None => error.to_string(),
    })
}

fn words(message: &str, code: &str) -> String {
    if TOLD.iter().any(|class| code.starts_with(class)) {
        format!("{message} ({code})")
    } else {
        format!("error {code}, in words that may hold data of a person; they are in its own log")
    }
}

/// Runs a query and hands its rows over. Columns are named as in a CSV file, of any type whose text is right: dates are
/// dates, null is nothing.
///
/// # Errors
/// [`PostgresError`]; an error of `take` ends it.
pub async fn postgres_rows<E: std::fmt::Display>(
    connection: &str,
    query: &str,
    rules: &Rules,
    take: &mut (dyn FnMut(Result<Row, BadRow>) -> Result<(), E> + Send),
) -> Result<(), PostgresError> {
    let config: Config = connection.trim().parse().map_err(|_| PostgresError::Config)?;
    if !is_local(&config) {
        return Err(PostgresError::Remote);
    }
    let (client, connection) = config.connect(NoTls).await.map_err(|error| told(&error))?;
    let connection = tokio::spawn(connection);
    let rows = async {
        client.batch_execute("BEGIN READ ONLY").await?;
        // The database itself writes each row as JSON, whatever its types are.
        let query = query.trim().trim_end_matches(';');
        let query = format!("SELECT row_to_json(people)::text FROM ({query}\n) AS people");
        client.query_raw(&query, std::iter::empty::<&str>()).await
    };
    let rows = rows.await.map_err(|error| told(&error))?;
    let mut rows = std::pin::pin!(rows);
    let mut line = 0;
    while let Some(row) = rows.try_next().await.map_err(|error| told(&error))? {
        line += 1;
        let text: &str = row.try_get(0).map_err(|error| told(&error))?;
        take(json_row(text.as_bytes(), line, rules))
            .map_err(|error| PostgresError::Stopped(error.to_string()))?;
    }
    connection.abort();
    Ok(())
}

fn is_local(config: &Config) -> bool {
    let is_local = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    !config.get_hosts().is_empty()
        && config.get_hosts().iter().all(is_local)
        && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_words_are_told_unless_a_value_may_stand_in_them() {
        assert_eq!(
            words("relation \"nowhere\" does not exist", "42P01"),
            "relation \"nowhere\" does not exist (42P01)"
        );
        for (message, code) in [
            ("invalid input syntax for type date: \"1990-02-30\"", "22007"),
            ("date/time field value out of range: \"1990-02-30\"", "22008"),
            ("born on 1990-02-30", "P0001"),
            ("1990-02-30", ""),
        ] {
            let told = words(message, code);
            assert!(!told.contains("1990") && told.contains(code), "{told}");
        }
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        let local = |text: &str| is_local(&text.parse().unwrap());
        assert!(local("host=/var/run/postgresql user=a"));
        assert!(local("host=127.0.0.1 user=a") && local("host=::1 user=a") && local("host=localhost user=a"));
        assert!(local("postgres://a@localhost/people"));
        for other in [
            "host=db.example user=a",
            "host=10.0.0.1 user=a",
            "host=127.0.0.1,db.example user=a",
            "host=localhost hostaddr=10.0.0.1 user=a",
            "user=a",
        ] {
            assert!(!local(other), "{other}");
        }
    }
}
