#!/usr/bin/env bash
# Runs Jazzer on every *FuzzTest, or on those that are named, one after the other.
#
#     CLASSPATH=... itests/bench/fuzz_parsers.sh SECONDS FOLDER [TensorFileFuzzTest ...]
#
# CLASSPATH: jazzer.jar, jazzer-api.jar (Maven Central, com.code-intelligence), the compiled classes and tests of
# the bundles and what they depend on. FOLDER gets corpus and output of each. Prints executions, coverage and findings;
# a finding is a file crash-*, timeout-* or oom-* in FOLDER. Add it to src/test/resources beside the test, and small
# new files of the corpus that reach further.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=$1
mkdir -p "$2" && cd "$2" || exit 2
shift 2
[ $# -gt 0 ] || set -- '*FuzzTest'
tests=()
for name in "$@"; do
  mapfile -t found < <(find "$root"/bundles/*/src/test/java -name "$name.java" | sort)
  [ ${#found[@]} -gt 0 ] || { echo "there is no test $name" >&2; exit 2; }
  tests+=("${found[@]}")
done
status=0
for test in "${tests[@]}"; do
  name=$(basename "$test" .java)
  class=${test#*/src/test/java/}
  class=$(tr / . <<< "${class%.java}")
  kept=${test%/src/test/java/*}/src/test/resources/$(dirname "${test#*/src/test/java/}")/fuzz/${name%FuzzTest}
  mkdir -p "$name/corpus" "$name/tmp"
  cp -n "$kept"/* "$name/corpus"
  (cd "$name" && OMP_NUM_THREADS=1 nice -n 19 java -XX:+UseSerialGC -Xmx1g -Djava.io.tmpdir="$PWD/tmp" -cp "$CLASSPATH" \
    com.code_intelligence.jazzer.Jazzer --instrumentation_includes='org.riglab.**' --keep_going=1 --target_class="$class" \
    -max_total_time="$seconds" -rss_limit_mb=3000 -timeout=60 -max_len=8192 corpus > out.txt 2>&1) || status=1
  printf '%s: %s; %s\n' "$name" "$(grep -a '^Done' "$name/out.txt" || echo "did not end: $(head -n 1 "$name/out.txt")")" \
    "$(grep -a 'cov:' "$name/out.txt" | tail -n 1 | grep -o 'cov: [0-9]*')"
done
ls ./*/crash-* ./*/timeout-* ./*/oom-* 2> /dev/null && status=1
exit $status
