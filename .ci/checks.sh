# The steps of .ci/run as functions; sourced by it (needs root, outside, packages, version, logs, passed, failed, check).

install_tools() {
    local missing=()
    command -v clang || missing+=(clang)
    [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
    [ ${#missing[@]} -eq 0 ] && return 0
    local sudo=
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
    command -v clang && [ -e /usr/include/zlib.h ]
}

solution_is_complete() {
    local project status=0
    while IFS= read -r project; do
        grep -qF "${project//\//\\}" MemStorage.sln || { echo "$project is not in MemStorage.sln"; status=1; }
    done < <(git ls-files 'src/*.csproj' 'tests/*.csproj' 'samples/*.csproj' 'bench/*.csproj')
    return $status
}

# The build leaves RS0016 (not in the files) and its like as warnings; here they count.
public_api_is_written_down() { ! grep -hE 'warning RS00(16|17|25|36|37|41)' "$logs/build--warnings-as-errors.log"; }

# The README's command. Its summary lines are the count; a project that ends without one has crashed.
run_tests() {
    local log=$logs/tests.log status=0 p f projects summaries
    dotnet test MemStorage.sln -c Release --no-build -m:1 > "$log" 2>&1 || status=$?
    grep -E '^(Passed|Failed)! +-' "$log" || true
    p=$(sed -nE 's/^(Passed|Failed)! .*Passed: +([0-9]+),.*/\2/p' "$log" | paste -sd+ - | add_up)
    f=$(sed -nE 's/^(Passed|Failed)! .*Failed: +([0-9]+),.*/\2/p' "$log" | paste -sd+ - | add_up)
    passed=$((passed + p))
    failed=$((failed + f))
    projects=$(git ls-files 'tests/*.csproj' | xargs grep -l 'Microsoft.NET.Test.Sdk' | wc -l)
    summaries=$(grep -cE '^(Passed|Failed)! +-' "$log" || true)
    if [ "$f" -ne 0 ]; then
        grep -E -A 12 '^ +Failed ' "$log" | head -n 200 || true
    fi
    check 'tests: every project ran to its end' test_run_is_whole "$status" "$f" "$projects" "$summaries" || tail -n 40 "$log"
    check 'tests: none was skipped but those of .ci/on-demand-tests' only_on_demand_tests_skipped || true
}

add_up() { local sum; read -r sum || true; echo $((${sum:-0})); }

test_run_is_whole() {
    local status=$1 failures=$2 projects=$3 summaries=$4
    echo "$summaries of $projects test projects reported; exit code $status; $failures failures"
    [ "$summaries" -eq "$projects" ] && { [ "$status" -eq 0 ] || [ "$failures" -ne 0 ]; }
}

# Tests that need hours, or data that a clone does not have, skip themselves and are listed with their reason.
only_on_demand_tests_skipped() {
    local allowed name status=0 counted listed=0
    allowed=$(sed -E 's/[[:space:]]*#.*//' .ci/on-demand-tests)
    while IFS= read -r name; do
        listed=$((listed + 1))
        grep -qxF "$name" <<< "$allowed" || { echo "$name was skipped"; status=1; }
    done < <(sed -nE 's/^ +Skipped ([^ (]+).*/\1/p' "$logs/tests.log")
    counted=$(sed -nE 's/^(Passed|Failed)! .*Skipped: +([0-9]+),.*/\2/p' "$logs/tests.log" | paste -sd+ - | add_up)
    echo "$counted skipped, $listed of them by name"
    [ "$counted" -eq "$listed" ] && return $status
}

pack_refuses_missing_extension() {
    local dll=src/MemStorage.CodeFixes/bin/Release/netstandard2.0/MemStorage.CodeFixes.dll status=0
    mv "$dll" "$outside/hidden.dll"
    dotnet pack src/MemStorage.Runtime -c Release --no-build -v q -o "$outside/refused" > "$outside/refused.log" 2>&1 || status=$?
    mv "$outside/hidden.dll" "$dll"
    cat "$outside/refused.log"
    [ "$status" -ne 0 ] && grep -q MSTPACK4 "$outside/refused.log" && [ ! -e "$outside/refused" ]
}

# Samples and consumers, without the projects they use in the tree: the packages, a NuGet.config and package versions are all there is.
make_outside() {
    git ls-files -z samples | xargs -0 cp --parents -t "$outside"
    cp -r .ci/consumer "$outside/consumer"
    find "$outside" \( -name bin -o -name obj \) -type d -prune -exec rm -rf {} +
    cp Directory.Packages.props "$outside/"
    # Our packages come from the folder alone; everything else from where this machine gets it, and not twice (the fallback folder is read only).
    local machine
    machine=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')
    cat > "$outside/NuGet.config" <<CONFIG
<configuration>
  <config><add key="globalPackagesFolder" value="$outside/packages" /></config>
  <fallbackPackageFolders><add key="machine" value="$machine" /></fallbackPackageFolders>
  <packageSources><add key="packed" value="$packages" /></packageSources>
</configuration>
CONFIG
}

# build_outside FOLDER [ARGUMENTS...]: builds one project of the outside folder from the packages, warnings as errors
build_outside() {
    local folder=$1
    shift
    (cd "$outside/$folder" && env -u VersionSuffix MemStoragePackageVersion="$version" dotnet build -c Release -v q -warnaserror "$@")
}

# The comments "// expect: MST1001" of a consumer are what the compiler must say, at their lines, and nothing else.
expect_diagnostics() {
    local folder=$1 expected actual
    expected=$(cd "$outside/consumer/$folder" && grep -HnE '// expect: ' -- *.cs | sed -E 's#^([^:]+:[0-9]+):.*// expect: (.*)$#\1 \2#' |
        while read -r place ids; do for id in $ids; do echo "$place $id"; done; done | sort)
    (cd "$outside/consumer/$folder" && env -u VersionSuffix MemStoragePackageVersion="$version" dotnet build -c Release -v q -clp:NoSummary) > "$outside/$folder.log" 2>&1 || true
    actual=$(sed -nE 's#^.*[/\\]([^/\\(]+\.cs)\(([0-9]+),[0-9]+\): (warning|error) ([A-Z]+[0-9]+):.*#\1:\2 \4#p' "$outside/$folder.log" | sort -u)
    cat "$outside/$folder.log"
    [ -n "$expected" ] && diff <(echo "$expected") <(echo "$actual")
}

# exits CODE COMMAND...: the command ends with this exit code
exits() {
    local expected=$1 actual=0
    shift
    "$@" || actual=$?
    echo "exit code $actual, expected $expected"
    [ "$actual" -eq "$expected" ]
}

check_samples() {
    local quick=$outside/samples/QuickStart
    if check 'sample QuickStart: builds from the package' build_outside samples/QuickStart; then
        check 'sample QuickStart: runs, and every promise it shows holds' exits 0 dotnet "$quick/bin/Release/net10.0/QuickStart.dll" || true
        check 'sample QuickStart: bad arguments give the usage and exit code 2' exits 2 dotnet "$quick/bin/Release/net10.0/QuickStart.dll" --nonsense || true
    fi
    if [ -d "$outside/samples/AotSmoke" ]; then
        if check 'sample AotSmoke: published with Native AOT from the package, no IL warnings' publish_aot; then
            check 'sample AotSmoke: runs' exits 0 "$outside/aot/AotSmoke" || true
        fi
    fi
    if [ -d "$outside/samples/WebApi" ]; then
        if check 'sample WebApi: builds from the packages' build_outside samples/WebApi; then
            check 'sample WebApi: answers over HTTP, and stops on SIGTERM' web_api_answers || true
            check 'sample WebApi: does not start with wrong settings, and names them' web_api_refuses_settings || true
        fi
    fi
}

publish_aot() {
    (cd "$outside/samples/AotSmoke" && env -u VersionSuffix MemStoragePackageVersion="$version" \
        dotnet publish -c Release -v q -warnaserror -p:PublishAot=true -o "$outside/aot")
}

# http PORT METHOD PATH [BODY]: the whole answer; by bash alone, so that nothing else has to be installed
http() {
    local port=$1 method=$2 path=$3 body=${4-}
    exec 3<> "/dev/tcp/127.0.0.1/$port" || return 1
    printf '%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' "$method" "$path" "${#body}" "$body" >&3
    timeout 30 cat <&3
    exec 3>&-
}

# answers PATTERN COMMAND...: what the command prints has a line of this pattern
answers() {
    local pattern=$1 text
    shift
    text=$("$@" | tr -d '\r') || true
    printf '%s\n\n' "$text"
    grep -qE "$pattern" <<< "$text" || { echo "no line like: $pattern"; return 1; }
}

web_api_answers() {
    local log=$outside/webapi.log port= pid status=0 ended=0 attempt
    # port 0: whichever is free; the log tells
    (cd "$outside/samples/WebApi/bin/Release/net10.0" && exec dotnet WebApi.dll --urls http://127.0.0.1:0) > "$log" 2>&1 &
    pid=$!
    for attempt in $(seq 300); do
        port=$(sed -nE 's#.*Now listening on: http://127\.0\.0\.1:([0-9]+).*#\1#p' "$log")
        if [ -n "$port" ] || ! kill -0 "$pid" 2> /dev/null; then break; fi
        sleep 0.2
    done
    if [ -n "$port" ]; then
        answers '^HTTP/1\.1 20[014]' http "$port" PUT /products/1 '{"name":"lamp","category":"light","price":19.90}' || status=1
        answers '^ETag: ' http "$port" GET /products/1 || status=1
        answers '"lamp"' http "$port" GET '/products?category=light' || status=1
        answers '^Age: ' http "$port" GET '/products?category=light' || status=1
        answers '^Healthy$' http "$port" GET /health || status=1
        answers '^dotnet_cache_' http "$port" GET /metrics || status=1
        kill -TERM "$pid"
    fi
    wait "$pid" || ended=$?
    cat "$log"
    echo "port ${port:-none}, exit code $ended"
    [ -n "$port" ] && [ "$status" -eq 0 ] && [ "$ended" -eq 0 ]
}

web_api_refuses_settings() {
    local log=$outside/webapi-wrong.log status=0
    (cd "$outside/samples/WebApi/bin/Release/net10.0" &&
        MemStorage__MaxMemoryMB=lots MemStorage__EvictThreshold=200 timeout 60 dotnet WebApi.dll --urls http://127.0.0.1:0) > "$log" 2>&1 || status=$?
    cat "$log"
    [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && grep -q 'MaxMemoryMB' "$log" && grep -q 'EvictThreshold' "$log"
}
