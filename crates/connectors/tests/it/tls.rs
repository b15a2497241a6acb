//! TLS: a peer is believed under a root that the operator gave, and under no other.

use connectors::*;
use standins::{ROOT_PEM, Role, STRANGER_PEM, Standin};

use crate::support::*;

fn under(system: standins::System, trust: Trust) -> Outcome {
    let mut setup = setup(system);
    setup.role.tls = true;
    setup.trust = trust;
    run(setup)
}

#[test]
fn a_peer_is_believed_under_its_root_alone() {
    for system in BOTH {
        let outcome = under(system, Trust::pem(ROOT_PEM.as_bytes()).unwrap());
        assert!(outcome.came() == held(setup(system).role.people), "{:?}", outcome.end);
        for trust in [Trust::pem(STRANGER_PEM.as_bytes()).unwrap(), Trust::default()] {
            let outcome = under(system, trust);
            assert_eq!(outcome.broken().2, Rule::NotTrusted);
            assert_eq!(outcome.waited, [0; 0]);
            assert_eq!(outcome.asked.len(), 0, "no word was said to a stranger");
        }
    }
}

#[test]
fn a_peer_without_tls_is_told_nothing() {
    for system in BOTH {
        let setup = setup(system);
        let standin = Standin::start(Role::faithful(system, setup.role.people)).unwrap();
        let secure = standin.origin().replace("http://", "https://");
        let address = |path| Address::parse(&format!("{secure}{path}")).unwrap();
        let coupling = match coupling(&standin, system) {
            Coupling::Afas(afas) => {
                Coupling::Afas(AfasSettings { address: address("/ProfitRestServices"), ..afas })
            }
            Coupling::Somtoday(somtoday) => Coupling::Somtoday(SomtodaySettings {
                token_address: address("/oauth2/token"),
                ..somtoday
            }),
        };
        let outcome = fetch(setup, &standin, &coupling);
        assert!(outcome.end.is_err());
        assert_eq!(outcome.asked.len(), 0);
    }
}
