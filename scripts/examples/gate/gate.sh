#!/usr/bin/env bash
# A gate for any other server, or for a hook: gate.sh LIBRARY [POLICY]
#
# Exit status 0: the policy holds; 1: it does not; 2: something that it asks for was not measured.
set -euo pipefail

library=$1
policy=${2:-.softmax-audit.yaml}
results=${RESULTS:-softmax-gate}

mkdir -p "$results"
softmax-audit gate --policy "$policy" --plugin "$library" \
  --json "$results/results.json" --junit "$results/gate.xml" --markdown "$results/gate.md"
