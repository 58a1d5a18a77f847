//! Circuits that governance disabled, when one of them turned out to prove what is not so.

use crate::pallet::{Config, DisabledCircuits, Error, Event, Pallet};
use frame_support::{ensure, pallet_prelude::*};
use ofage_primitives::CircuitId;

impl<T: Config> Pallet<T> {
    /// Whether gates take proofs of a circuit; governance disables one in an emergency.
    pub fn circuit_enabled(circuit: CircuitId) -> bool {
        !DisabledCircuits::<T>::contains_key(circuit)
    }

    pub(crate) fn do_disable_circuit(circuit: CircuitId) -> DispatchResult {
        ensure!(Self::circuit_enabled(circuit), Error::<T>::AlreadyDisabled);
        DisabledCircuits::<T>::insert(circuit, ());
        Self::deposit_event(Event::CircuitDisabled { circuit });
        Ok(())
    }

    pub(crate) fn do_enable_circuit(circuit: CircuitId) -> DispatchResult {
        ensure!(!Self::circuit_enabled(circuit), Error::<T>::NotDisabled);
        DisabledCircuits::<T>::remove(circuit);
        Self::deposit_event(Event::CircuitEnabled { circuit });
        Ok(())
    }
}
