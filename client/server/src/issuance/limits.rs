//! How often one address, and all together, may ask.
//!
//! Each address has a bucket of tokens that fills up again with time; a request takes one, there and from a bucket of
//! all. An address whose bucket is full again is forgotten, and only a request that both let pass makes an entry, so
//! there are never more entries than the bucket of all lets pass in the time in which one fills up.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::listen::network;

/// A rate, and how many may come at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Requests a second, in the long run.
    pub per_second: f64,
    /// Requests at once.
    pub burst: f64,
}

/// Both bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// For one address; of IPv6, for one network of 64 bits, which one person may have.
    pub each: Rate,
    /// For all together.
    pub all: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            // A wallet sends some ten requests, and asks again every few seconds; several may share an address.
            each: Rate {
                per_second: 5.0,
                burst: 60.0,
            },
            all: Rate {
                per_second: 200.0,
                burst: 400.0,
            },
        }
    }
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn full(rate: &Rate, now: Instant) -> Self {
        Self {
            tokens: rate.burst,
            at: now,
        }
    }

    fn fill(&mut self, rate: &Rate, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * rate.per_second).min(rate.burst);
        self.at = now;
    }

    /// How long until there is a token; nothing if there is one.
    fn wait(&self, rate: &Rate) -> Option<Duration> {
        let missing = 1.0 - self.tokens;
        (missing > 0.0).then(|| Duration::from_secs_f64((missing / rate.per_second).min(3_600.0)))
    }
}

struct Inner {
    all: Bucket,
    each: HashMap<IpAddr, Bucket>,
    cleaned: Instant,
}

/// Counts requests.
pub(super) struct Limits {
    rates: Rates,
    inner: Mutex<Inner>,
}

impl Limits {
    pub(super) fn new(rates: Rates, now: Instant) -> Self {
        Self {
            rates,
            inner: Mutex::new(Inner {
                all: Bucket::full(&rates.all, now),
                each: HashMap::new(),
                cleaned: now,
            }),
        }
    }

    /// Lets a request pass, or tells how long to wait.
    pub(super) fn pass(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let Rates { each, all } = &self.rates;
        // No code that holds the lock can panic halfway, so what is inside is whole.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(address);
        let mut bucket = inner
            .each
            .get(&address)
            .copied()
            .unwrap_or(Bucket::full(each, now));
        bucket.fill(each, now);
        if let Some(wait) = bucket.wait(each) {
            return Err(wait);
        }
        inner.all.fill(all, now);
        if let Some(wait) = inner.all.wait(all) {
            return Err(wait);
        }
        inner.all.tokens -= 1.0;
        bucket.tokens -= 1.0;
        inner.each.insert(address, bucket);
        let full_after = Duration::from_secs_f64((each.burst / each.per_second).clamp(1.0, 3_600.0));
        if now.saturating_duration_since(inner.cleaned) > full_after {
            inner.cleaned = now;
            inner.each.retain(|_, bucket| {
                bucket.fill(each, now);
                bucket.tokens < each.burst
            });
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn entries(&self) -> usize {
        self.inner.lock().unwrap().each.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(each: (f64, f64), all: (f64, f64)) -> Rates {
        let rate = |(per_second, burst)| Rate { per_second, burst };
        Rates {
            each: rate(each),
            all: rate(all),
        }
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_waits_and_others_do_not() {
        let start = Instant::now();
        let limits = Limits::new(rates((1.0, 3.0), (100.0, 100.0)), start);
        for _ in 0..3 {
            limits.pass(ip("192.0.2.1"), start).unwrap();
        }
        assert_eq!(limits.pass(ip("192.0.2.1"), start), Err(Duration::from_secs(1)));
        limits.pass(ip("192.0.2.2"), start).unwrap();
        let later = start + Duration::from_secs(1);
        limits.pass(ip("192.0.2.1"), later).unwrap();
        assert!(limits.pass(ip("192.0.2.1"), later).is_err());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_a_mapped_one_is_ipv4() {
        let start = Instant::now();
        let limits = Limits::new(rates((1.0, 1.0), (100.0, 100.0)), start);
        limits.pass(ip("2001:db8::1"), start).unwrap();
        assert!(limits.pass(ip("2001:db8::ffff:2"), start).is_err());
        limits.pass(ip("2001:db8:0:1::1"), start).unwrap();
        limits.pass(ip("192.0.2.1"), start).unwrap();
        assert!(limits.pass(ip("::ffff:192.0.2.1"), start).is_err());
    }

    #[test]
    fn a_flood_of_addresses_is_bounded_and_forgotten() {
        let start = Instant::now();
        let limits = Limits::new(rates((1.0, 2.0), (10.0, 50.0)), start);
        let passed = (0..10_000u32).filter(|n| limits.pass(IpAddr::V4((*n).into()), start).is_ok());
        assert_eq!(passed.count(), 50);
        assert_eq!(limits.entries(), 50);
        limits
            .pass(ip("192.0.2.1"), start + Duration::from_secs(60))
            .unwrap();
        assert_eq!(limits.entries(), 1);
    }

    #[test]
    fn one_that_is_refused_takes_nothing_from_all() {
        let start = Instant::now();
        let limits = Limits::new(rates((0.001, 1.0), (0.001, 3.0)), start);
        limits.pass(ip("192.0.2.1"), start).unwrap();
        for _ in 0..100 {
            assert!(limits.pass(ip("192.0.2.1"), start).is_err());
        }
        limits.pass(ip("192.0.2.2"), start).unwrap();
        limits.pass(ip("192.0.2.3"), start).unwrap();
        assert!(limits.pass(ip("192.0.2.4"), start).is_err());
    }
}
