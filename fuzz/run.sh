#!/usr/bin/env bash
# Runs the fuzzers (docs/reliability.md). Needs `cargo install cargo-fuzz`; stable Rust is enough.
#
#   fuzz/run.sh                    every target: 10,000,000 executions, 1,000,000 of the slow ones
#   fuzz/run.sh TARGET...          these targets
#   fuzz/run.sh --seconds N ...    for so long at most, each
#   fuzz/run.sh --keep             puts what reaches new code into fuzz/corpus, as few inputs as do
#   fuzz/run.sh --control          a decoder that is wrong on purpose must be found out
#
# What fails is written to fuzz/artifacts, and belongs into fuzz/corpus/TARGET once it is mended.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export RUSTC_BOOTSTRAP=1 RUSTFLAGS='--cfg poly1305_backend="soft"'
readonly SLOW=" bundle command_line http import "
readonly HOST=$(rustc -vV | sed -n 's/^host: //p')
target_dir=${CARGO_TARGET_DIR:-$PWD/target}

targets() { sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | grep -v '^fuzz$'; }
build() { CARGO_TARGET_DIR=$target_dir cargo fuzz build -s none "$@"; }
binary() { echo "$target_dir/$HOST/release/$1"; }
runs_of() { case "$SLOW" in *" $1 "*) echo 1000000 ;; *) echo 10000000 ;; esac; }

# One line: target, exit, executions, seconds, edges, inputs that reached something new.
run() {
    local target=$1 log=corpus-run/$1.log began=$SECONDS code=0
    mkdir -p "corpus-run/$target" artifacts "corpus/$target"
    "$(binary "$target")" "corpus-run/$target" "corpus/$target" -runs="$(runs_of "$target")" \
        -max_total_time="$seconds" -max_len=4096 -len_control=20 -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="artifacts/$target-" -print_final_stats=1 >"$log" 2>&1 || code=$?
    local executions edges
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -d' ' -f2)
    printf '| `%s` | %s | %s | %s | %s | %s |\n' "$target" "${executions:-0}" \
        "$((SECONDS - began))" "${edges:-0}" "$(find "corpus-run/$target" -type f | wc -l)" "$code"
    return "$code"
}

keep() {
    local target
    for target in $(targets); do
        [ -d "corpus-run/$target" ] || continue
        "$(binary "$target")" -merge=1 -max_len=4096 "corpus/$target" "corpus-run/$target" \
            >"corpus-run/$target.merge" 2>&1
        echo "$target: $(find "corpus/$target" -type f | wc -l) inputs"
    done
}

control() {
    build --features planted record_header
    seconds=60
    if run record_header; then
        echo "the planted bug was not found in $seconds s"
        exit 1
    fi
    echo "found, as it must be: $(grep -m1 -o 'panicked at .*' corpus-run/record_header.log)"
}

seconds=0
case "${1:-}" in
    --keep) keep; exit ;;
    --control) control; exit ;;
    --seconds) seconds=$2; shift 2 ;;
esac
build
failed=0
echo '| target | executions | seconds | edges | inputs | exit |'
echo '| --- | --: | --: | --: | --: | --: |'
for target in ${*:-$(targets)}; do run "$target" || failed=1; done
exit "$failed"
