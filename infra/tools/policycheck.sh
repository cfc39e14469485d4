#!/usr/bin/env bash
# Has checkov look at what SAM makes of template.yaml, and at the edge. What it may find is in infra/template/checkov.yaml.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$root/.tools/sam/bin/python" "$root/infra/template/transform.py" "$root/template.yaml" >"$made/template.json"
"$root/.tools/checkov/bin/checkov" --config-file "$root/infra/template/checkov.yaml" --file "$made/template.json" "$root/infra/edge.yaml"
