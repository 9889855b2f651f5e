import { describe, expect, it } from 'vitest'
import type { Cluster } from './cluster'
import { desk as anyDesk, run as runOn } from './testing/desk'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const run = (cluster: Cluster, command: string): Promise<string> => runOn(cluster, command, turn)
const desk = (seed: string): Promise<Cluster> => anyDesk(seed, 'until systemctl is-system-running; do sleep 0.1; done; podman pull -q busybox', turn)

const told = `podman ps --format '{{.Names}} {{.ID}} {{.Ports}}' | sort; podman pod ps --format '{{.Name}} {{.Status}}'; podman inspect web -f '{{.State.Pid}}'; curl -s localhost:8090/; podman exec side wget -qO- localhost`

describe('podman at the desk', () => {
  it('runs its containers and pods on in a copy of the machine', async () => {
    const cluster = await desk('podman copied')
    await run(cluster, `podman pod create --name p -p 8090:80; podman run -d --pod p --name web busybox sh -c 'mkdir /www; echo here > /www/index.html; exec httpd -f -p 80 -h /www'; podman run -d --pod p --name side busybox sleep 1000; sleep 1`)
    const before = await run(cluster, told)
    expect(before).toMatch(/p Running\n\d+\nhere\nhere\n$/)
    const copy = cluster.fork()
    await run(copy, 'sleep 1')
    expect(await run(copy, told)).toBe(before)
    await run(copy, 'podman pod rm -f -t 0 p')
    expect(await run(copy, 'podman ps -aq; pgrep conmon; ls /run/netns')).toBe('')
  })

  it('ends with what its containers end with, however short they live', async () => {
    const cluster = await desk('podman codes')
    expect(await run(cluster, `podman run --rm --network host busybox echo short; podman run --rm busybox sh -c 'echo out; echo err >&2; exit 3'; echo $?; podman run --rm busybox nosuch 2>/dev/null; echo $?; podman ps -aq`)).toBe('short\nout\nerr\n3\n127\n')
  })

  it('holds a container still until it is let go', async () => {
    const cluster = await desk('podman pauses')
    await run(cluster, `podman run -d --name c busybox sh -c 'while true; do echo tick; sleep 1; done'; sleep 2; podman pause c`)
    const held = await run(cluster, 'sleep 5; podman logs c | wc -l; podman ps -a --format "{{.Status}}"')
    expect(held).toMatch(/^[23]\nPaused\n$/)
    expect(Number(await run(cluster, 'podman unpause c >/dev/null; sleep 5; podman logs c | wc -l'))).toBeGreaterThan(5)
    expect(await run(cluster, 'podman pause c >/dev/null; podman rm -f -t 0 c; podman ps -aq')).toBe('c\n')
  })

  it('builds an image layer by layer, out of the cache where nothing changed', async () => {
    const cluster = await desk('podman builds')
    const build = `podman build -t it:1 --build-arg V=2 ctx 2>&1 | sed -E 's/[0-9a-f]{64}/ID/; s/^--> [0-9a-f]+$/--> ID/'`
    await run(cluster, `mkdir ctx; echo data > ctx/f; printf '*.log\\n' > ctx/.dockerignore; touch ctx/x.log; printf 'FROM busybox AS one\\nARG V=1\\nRUN echo v$V > /v\\nFROM busybox\\nCOPY --from=one /v /v\\nCOPY . /ctx/\\nCMD cat /v; ls /ctx\\n' > ctx/Dockerfile`)
    expect(await run(cluster, build)).not.toContain('Using cache')
    expect(await run(cluster, build)).toBe('[1/2] STEP 1/3: FROM busybox AS one\n[1/2] STEP 2/3: ARG V=1\n--> Using cache ID\n--> ID\n[1/2] STEP 3/3: RUN echo v$V > /v\n--> Using cache ID\n--> ID\n[2/2] STEP 1/4: FROM busybox\n[2/2] STEP 2/4: COPY --from=one /v /v\n--> Using cache ID\n--> ID\n[2/2] STEP 3/4: COPY . /ctx/\n--> Using cache ID\n--> ID\n[2/2] STEP 4/4: CMD cat /v; ls /ctx\n--> Using cache ID\n[2/2] COMMIT it:1\n--> ID\nSuccessfully tagged localhost/it:1\nID\n')
    expect(await run(cluster, 'podman run --rm it:1')).toBe('v2\nDockerfile\nf\n')
  })

  it('pushes to the open registry, from where a copy of the cluster still pulls', async () => {
    const cluster = await desk('podman pushes')
    await run(cluster, `printf 'FROM busybox\\nRUN echo cargo > /c\\nCMD cat /c\\n' > Dockerfile; podman build -q -t registry.local:5000/a/b:1 .; podman push -q registry.local:5000/a/b:1; podman rmi -fa`)
    expect(await run(cluster.fork(), 'curl -s http://registry.local:5000/v2/_catalog; podman run -q --rm registry.local:5000/a/b:1; skopeo list-tags docker://registry.local:5000/a/b')).toBe('{"repositories":["a/b"]}\ncargo\n{\n    "Repository": "registry.local:5000/a/b",\n    "Tags": [\n        "1"\n    ]\n}\n')
  })
})
