/** The commands of kubectl v1.35 with their usage lines, flags and defaults, as its help names them. */
export const commandsTable = `
## kubectl
usage: kubectl [flags] [options]
## kubectl create
usage: kubectl create -f FILENAME [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --edit=false
  --field-manager='kubectl-create'
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  --raw=''
  -R, --recursive=false
  --save-config=false
  -l, --selector=''
  --show-managed-fields=false
  --template=''
  --validate='strict'
  --windows-line-endings=false
## kubectl create clusterrole
usage: kubectl create clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none] [options]
  --aggregation-rule=
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-create'
  --non-resource-url=[]
  -o, --output=''
  --resource=[]
  --resource-name=[]
  --save-config=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
  --verb=[]
## kubectl create clusterrolebinding
usage: kubectl create clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]
  --allow-missing-template-keys=true
  --clusterrole=''
  --dry-run='none'
  --field-manager='kubectl-create'
  --group=[]
  -o, --output=''
  --save-config=false
  --serviceaccount=[]
  --show-managed-fields=false
  --template=''
  --user=[]
  --validate='strict'
## kubectl create configmap
usage: kubectl create configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]
  --allow-missing-template-keys=true
  --append-hash=false
  --dry-run='none'
  --field-manager='kubectl-create'
  --from-env-file=[]
  --from-file=[]
  --from-literal=[]
  -o, --output=''
  --save-config=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl create cronjob
usage: kubectl create cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-create'
  --image=''
  -o, --output=''
  --restart=''
  --save-config=false
  --schedule=''
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl create deployment
usage: kubectl create deployment NAME --image=image -- [COMMAND] [args...] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-create'
  --image=[]
  -o, --output=''
  --port=-1
  -r, --replicas=1
  --save-config=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl create ingress
usage: kubectl create ingress NAME --rule=host/path=service:port[,tls[=secret]]  [options]
  --allow-missing-template-keys=true
  --annotation=[]
  --class=''
  --default-backend=''
  --dry-run='none'
  --field-manager='kubectl-create'
  -o, --output=''
  --rule=[]
  --save-config=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl create job
usage: kubectl create job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-create'
  --from=''
  --image=''
  -o, --output=''
  --save-config=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl create namespace
usage: kubectl create namespace NAME [--dry-run=server|client|none] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-create'
  -o, --output=''
  --save-config=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl create poddisruptionbudget
usage: kubectl create poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-create'
  --max-unavailable=''
  --min-available=''
  -o, --output=''
  --save-config=false
  --selector=''
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl create priorityclass
usage: kubectl create priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none] [options]
  --allow-missing-template-keys=true
  --description=''
  --dry-run='none'
  --field-manager='kubectl-create'
  --global-default=false
  -o, --output=''
  --preemption-policy='PreemptLowerPriority'
  --save-config=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
  --value=0
## kubectl create quota
usage: kubectl create quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-create'
  --hard=''
  -o, --output=''
  --save-config=false
  --scopes=''
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl create role
usage: kubectl create role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-create'
  -o, --output=''
  --resource=[]
  --resource-name=[]
  --save-config=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
  --verb=[]
## kubectl create rolebinding
usage: kubectl create rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]
  --allow-missing-template-keys=true
  --clusterrole=''
  --dry-run='none'
  --field-manager='kubectl-create'
  --group=[]
  -o, --output=''
  --role=''
  --save-config=false
  --serviceaccount=[]
  --show-managed-fields=false
  --template=''
  --user=[]
  --validate='strict'
## kubectl create secret
usage: kubectl create secret (docker-registry | generic | tls) [options]
## kubectl create service
usage: kubectl create service [flags] [options]
## kubectl create serviceaccount
usage: kubectl create serviceaccount NAME [--dry-run=server|client|none] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-create'
  -o, --output=''
  --save-config=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl create token
usage: kubectl create token SERVICE_ACCOUNT_NAME [options]
  --allow-missing-template-keys=true
  --audience=[]
  --bound-object-kind=''
  --bound-object-name=''
  --bound-object-uid=''
  --duration=0s
  -o, --output=''
  --show-managed-fields=false
  --template=''
## kubectl expose
usage: kubectl expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type] [options]
  --allow-missing-template-keys=true
  --cluster-ip=''
  --dry-run='none'
  --external-ip=''
  --field-manager='kubectl-expose'
  -f, --filename=[]
  -k, --kustomize=''
  -l, --labels=''
  --load-balancer-ip=''
  --name=''
  -o, --output=''
  --override-type='merge'
  --overrides=''
  --port=''
  --protocol=''
  -R, --recursive=false
  --save-config=false
  --selector=''
  --session-affinity=''
  --show-managed-fields=false
  --target-port=''
  --template=''
  --type=''
## kubectl run
usage: kubectl run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...] [options]
  --allow-missing-template-keys=true
  --annotations=[]
  --attach=false
  --cascade='background'
  --command=false
  --dry-run='none'
  --env=[]
  --expose=false
  --field-manager='kubectl-run'
  -f, --filename=[]
  --force=false
  --grace-period=-1
  --image=''
  --image-pull-policy=''
  -k, --kustomize=''
  -l, --labels=''
  --leave-stdin-open=false
  -o, --output=''
  --override-type='merge'
  --overrides=''
  --pod-running-timeout=1m0s
  --port=''
  --privileged=false
  -q, --quiet=false
  -R, --recursive=false
  --restart='Always'
  --rm=false
  --save-config=false
  --show-managed-fields=false
  -i, --stdin=false
  --template=''
  --timeout=0s
  -t, --tty=false
  --wait=false
## kubectl set
usage: kubectl set SUBCOMMAND [options]
## kubectl set env
usage: kubectl set env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N [options]
  --all=false
  --allow-missing-template-keys=true
  -c, --containers='*'
  --dry-run='none'
  -e, --env=[]
  --field-manager='kubectl-set'
  -f, --filename=[]
  --from=''
  --keys=[]
  -k, --kustomize=''
  --list=false
  --local=false
  -o, --output=''
  --overwrite=true
  --prefix=''
  -R, --recursive=false
  --resolve=false
  -l, --selector=''
  --show-managed-fields=false
  --template=''
## kubectl set image
usage: kubectl set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N [options]
  --all=false
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-set'
  -f, --filename=[]
  -k, --kustomize=''
  --local=false
  -o, --output=''
  -R, --recursive=false
  -l, --selector=''
  --show-managed-fields=false
  --template=''
## kubectl set resources
usage: kubectl set resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS] [options]
  --all=false
  --allow-missing-template-keys=true
  -c, --containers='*'
  --dry-run='none'
  --field-manager='kubectl-set'
  -f, --filename=[]
  -k, --kustomize=''
  --limits=''
  --local=false
  -o, --output=''
  -R, --recursive=false
  --requests=''
  -l, --selector=''
  --show-managed-fields=false
  --template=''
## kubectl set selector
usage: kubectl set selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version] [options]
  --all=false
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-set'
  -f, --filename=[]
  --local=false
  -o, --output=''
  -R, --recursive=true
  --resource-version=''
  --show-managed-fields=false
  --template=''
## kubectl set serviceaccount
usage: kubectl set serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT [options]
  --all=false
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-set'
  -f, --filename=[]
  -k, --kustomize=''
  --local=false
  -o, --output=''
  -R, --recursive=false
  --show-managed-fields=false
  --template=''
## kubectl set subject
usage: kubectl set subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]
  --all=false
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-set'
  -f, --filename=[]
  --group=[]
  -k, --kustomize=''
  --local=false
  -o, --output=''
  -R, --recursive=false
  -l, --selector=''
  --serviceaccount=[]
  --show-managed-fields=false
  --template=''
  --user=[]
## kubectl explain
usage: kubectl explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2] [options]
  --api-version=''
  -o, --output='plaintext'
  --recursive=false
## kubectl get
usage: kubectl get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags] [options]
  -A, --all-namespaces=false
  --allow-missing-template-keys=true
  --chunk-size=500
  --field-selector=''
  -f, --filename=[]
  --ignore-not-found=false
  -k, --kustomize=''
  -L, --label-columns=[]
  --no-headers=false
  -o, --output=''
  --output-watch-events=false
  --raw=''
  -R, --recursive=false
  -l, --selector=''
  --server-print=true
  --show-kind=false
  --show-labels=false
  --show-managed-fields=false
  --sort-by=''
  --subresource=''
  --template=''
  -w, --watch=false
  --watch-only=false
## kubectl edit
usage: kubectl edit (RESOURCE/NAME | -f FILENAME) [options]
  --allow-missing-template-keys=true
  --field-manager='kubectl-edit'
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  --output-patch=false
  -R, --recursive=false
  --save-config=false
  --show-managed-fields=false
  --subresource=''
  --template=''
  --validate='strict'
  --windows-line-endings=false
## kubectl delete
usage: kubectl delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)]) [options]
  --all=false
  -A, --all-namespaces=false
  --cascade='background'
  --dry-run='none'
  --field-selector=''
  -f, --filename=[]
  --force=false
  --grace-period=-1
  --ignore-not-found=false
  -i, --interactive=false
  -k, --kustomize=''
  --now=false
  -o, --output=''
  --raw=''
  -R, --recursive=false
  -l, --selector=''
  --timeout=0s
  --wait=true
## kubectl rollout
usage: kubectl rollout SUBCOMMAND [options]
## kubectl rollout history
usage: kubectl rollout history (TYPE NAME | TYPE/NAME) [flags] [options]
  --allow-missing-template-keys=true
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  --revision=0
  -l, --selector=''
  --show-managed-fields=false
  --template=''
## kubectl rollout pause
usage: kubectl rollout pause RESOURCE [options]
  --allow-missing-template-keys=true
  --field-manager='kubectl-rollout'
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  -l, --selector=''
  --show-managed-fields=false
  --template=''
## kubectl rollout restart
usage: kubectl rollout restart RESOURCE [options]
  --allow-missing-template-keys=true
  --field-manager='kubectl-rollout'
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  -l, --selector=''
  --show-managed-fields=false
  --template=''
## kubectl rollout resume
usage: kubectl rollout resume RESOURCE [options]
  --allow-missing-template-keys=true
  --field-manager='kubectl-rollout'
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  -l, --selector=''
  --show-managed-fields=false
  --template=''
## kubectl rollout status
usage: kubectl rollout status (TYPE NAME | TYPE/NAME) [flags] [options]
  -f, --filename=[]
  -k, --kustomize=''
  -R, --recursive=false
  --revision=0
  -l, --selector=''
  --timeout=0s
  -w, --watch=true
## kubectl rollout undo
usage: kubectl rollout undo (TYPE NAME | TYPE/NAME) [flags] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  -l, --selector=''
  --show-managed-fields=false
  --template=''
  --to-revision=0
## kubectl scale
usage: kubectl scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME) [options]
  --all=false
  --allow-missing-template-keys=true
  --current-replicas=-1
  --dry-run='none'
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  --replicas=0
  --resource-version=''
  -l, --selector=''
  --show-managed-fields=false
  --template=''
  --timeout=0s
## kubectl autoscale
usage: kubectl autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY] [options]
  --allow-missing-template-keys=true
  --cpu=''
  --dry-run='none'
  --field-manager='kubectl-autoscale'
  -f, --filename=[]
  -k, --kustomize=''
  --max=-1
  --memory=''
  --min=-1
  --name=''
  -o, --output=''
  -R, --recursive=false
  --save-config=false
  --show-managed-fields=false
  --template=''
## kubectl certificate
usage: kubectl certificate SUBCOMMAND [options]
## kubectl certificate approve
usage: kubectl certificate approve (-f FILENAME | NAME) [options]
  --allow-missing-template-keys=true
  -f, --filename=[]
  --force=false
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  --show-managed-fields=false
  --template=''
## kubectl certificate deny
usage: kubectl certificate deny (-f FILENAME | NAME) [options]
  --allow-missing-template-keys=true
  -f, --filename=[]
  --force=false
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  --show-managed-fields=false
  --template=''
## kubectl cluster-info
usage: kubectl cluster-info [flags] [options]
## kubectl cluster-info dump
usage: kubectl cluster-info dump [flags] [options]
  -A, --all-namespaces=false
  --allow-missing-template-keys=true
  --namespaces=[]
  -o, --output='json'
  --output-directory=''
  --pod-running-timeout=20s
  --show-managed-fields=false
  --template=''
## kubectl top
usage: kubectl top [flags] [options]
## kubectl top node
usage: kubectl top node [NAME | -l label] [options]
  --no-headers=false
  -l, --selector=''
  --show-capacity=false
  --show-swap=false
  --sort-by=''
  --use-protocol-buffers=true
## kubectl top pod
usage: kubectl top pod [NAME | -l label] [options]
  -A, --all-namespaces=false
  --containers=false
  --field-selector=''
  --no-headers=false
  -l, --selector=''
  --show-swap=false
  --sort-by=''
  --sum=false
  --use-protocol-buffers=true
## kubectl cordon
usage: kubectl cordon NODE [options]
  --dry-run='none'
  -l, --selector=''
## kubectl uncordon
usage: kubectl uncordon NODE [options]
  --dry-run='none'
  -l, --selector=''
## kubectl drain
usage: kubectl drain NODE [options]
  --chunk-size=500
  --delete-emptydir-data=false
  --disable-eviction=false
  --dry-run='none'
  --force=false
  --grace-period=-1
  --ignore-daemonsets=false
  --pod-selector=''
  -l, --selector=''
  --skip-wait-for-delete-timeout=0
  --timeout=0s
## kubectl taint
usage: kubectl taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N [options]
  --all=false
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-taint'
  -o, --output=''
  --overwrite=false
  -l, --selector=''
  --show-managed-fields=false
  --template=''
  --validate='strict'
## kubectl describe
usage: kubectl describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]
  -A, --all-namespaces=false
  --chunk-size=500
  -f, --filename=[]
  -k, --kustomize=''
  -R, --recursive=false
  -l, --selector=''
  --show-events=true
## kubectl logs
usage: kubectl logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]
  --all-containers=false
  --all-pods=false
  -c, --container=''
  -f, --follow=false
  --ignore-errors=false
  --insecure-skip-tls-verify-backend=false
  --limit-bytes=0
  --max-log-requests=5
  --pod-running-timeout=20s
  --prefix=false
  -p, --previous=false
  -l, --selector=''
  --since=0s
  --since-time=''
  --tail=-1
  --timestamps=false
## kubectl attach
usage: kubectl attach (POD | TYPE/NAME) -c CONTAINER [options]
  -c, --container=''
  --pod-running-timeout=1m0s
  -q, --quiet=false
  -i, --stdin=false
  -t, --tty=false
## kubectl exec
usage: kubectl exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...] [options]
  -c, --container=''
  -f, --filename=[]
  --pod-running-timeout=1m0s
  -q, --quiet=false
  -i, --stdin=false
  -t, --tty=false
## kubectl port-forward
usage: kubectl port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]
  --address=[localhost]
  --pod-running-timeout=1m0s
## kubectl proxy
usage: kubectl proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix] [options]
  --accept-hosts='^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$'
  --accept-paths='^.*'
  --address='127.0.0.1'
  --api-prefix='/'
  --append-server-path=false
  --disable-filter=false
  --keepalive=0s
  -p, --port=8001
  --reject-methods='^$'
  --reject-paths='^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach'
  -u, --unix-socket=''
  -w, --www=''
  -P, --www-prefix='/static/'
## kubectl cp
usage: kubectl cp <file-spec-src> <file-spec-dest> [options]
  -c, --container=''
  --no-preserve=false
  --retries=0
## kubectl auth
usage: kubectl auth [flags] [options]
## kubectl auth can-i
usage: kubectl auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL] [options]
  -A, --all-namespaces=false
  --list=false
  --no-headers=false
  -q, --quiet=false
  --subresource=''
## kubectl auth reconcile
usage: kubectl auth reconcile -f FILENAME [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  --remove-extra-permissions=false
  --remove-extra-subjects=false
  --show-managed-fields=false
  --template=''
## kubectl auth whoami
usage: kubectl auth whoami [options]
  --allow-missing-template-keys=true
  -o, --output=''
  --show-managed-fields=false
  --template=''
## kubectl debug
usage: kubectl debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ] [options]
  --arguments-only=false
  --attach=false
  -c, --container=''
  --copy-to=''
  --custom=''
  --env=[]
  -f, --filename=[]
  --image=''
  --image-pull-policy=''
  --keep-annotations=false
  --keep-init-containers=true
  --keep-labels=false
  --keep-liveness=false
  --keep-readiness=false
  --keep-startup=false
  --profile='legacy'
  -q, --quiet=false
  --replace=false
  --same-node=false
  --set-image=[]
  --share-processes=true
  -i, --stdin=false
  --target=''
  -t, --tty=false
## kubectl events
usage: kubectl events [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning] [options]
  -A, --all-namespaces=false
  --allow-missing-template-keys=true
  --chunk-size=500
  --for=''
  --no-headers=false
  -o, --output=''
  --show-managed-fields=false
  --template=''
  --types=[]
  -w, --watch=false
## kubectl diff
usage: kubectl diff -f FILENAME [options]
  --concurrency=1
  --field-manager='kubectl-client-side-apply'
  -f, --filename=[]
  --force-conflicts=false
  -k, --kustomize=''
  --prune=false
  --prune-allowlist=[]
  -R, --recursive=false
  -l, --selector=''
  --server-side=false
  --show-managed-fields=false
## kubectl apply
usage: kubectl apply (-f FILENAME | -k DIRECTORY) [options]
  --all=false
  --allow-missing-template-keys=true
  --cascade='background'
  --dry-run='none'
  --field-manager='kubectl-client-side-apply'
  -f, --filename=[]
  --force=false
  --force-conflicts=false
  --grace-period=-1
  -k, --kustomize=''
  --openapi-patch=true
  -o, --output=''
  --overwrite=true
  --prune=false
  --prune-allowlist=[]
  -R, --recursive=false
  -l, --selector=''
  --server-side=false
  --show-managed-fields=false
  --subresource=''
  --template=''
  --timeout=0s
  --validate='strict'
  --wait=false
## kubectl apply edit-last-applied
usage: kubectl apply edit-last-applied (RESOURCE/NAME | -f FILENAME) [options]
  --allow-missing-template-keys=true
  --field-manager='kubectl-client-side-apply'
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output=''
  -R, --recursive=false
  --show-managed-fields=false
  --template=''
  --validate='strict'
  --windows-line-endings=false
## kubectl apply set-last-applied
usage: kubectl apply set-last-applied -f FILENAME [options]
  --allow-missing-template-keys=true
  --create-annotation=false
  --dry-run='none'
  -f, --filename=[]
  -o, --output=''
  --show-managed-fields=false
  --template=''
## kubectl apply view-last-applied
usage: kubectl apply view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME) [options]
  --all=false
  -f, --filename=[]
  -k, --kustomize=''
  -o, --output='yaml'
  -R, --recursive=false
  -l, --selector=''
## kubectl patch
usage: kubectl patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE] [options]
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-patch'
  -f, --filename=[]
  -k, --kustomize=''
  --local=false
  -o, --output=''
  -p, --patch=''
  --patch-file=''
  -R, --recursive=false
  --show-managed-fields=false
  --subresource=''
  --template=''
  --type='strategic'
## kubectl replace
usage: kubectl replace -f FILENAME [options]
  --allow-missing-template-keys=true
  --cascade='background'
  --dry-run='none'
  --field-manager='kubectl-replace'
  -f, --filename=[]
  --force=false
  --grace-period=-1
  -k, --kustomize=''
  -o, --output=''
  --raw=''
  -R, --recursive=false
  --save-config=false
  --show-managed-fields=false
  --subresource=''
  --template=''
  --timeout=0s
  --validate='strict'
  --wait=false
## kubectl wait
usage: kubectl wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]] [options]
  --all=false
  -A, --all-namespaces=false
  --allow-missing-template-keys=true
  --field-selector=''
  -f, --filename=[]
  --for=''
  --local=false
  -o, --output=''
  -R, --recursive=true
  -l, --selector=''
  --show-managed-fields=false
  --template=''
  --timeout=30s
## kubectl kustomize
usage: kubectl kustomize DIR [flags] [options]
  --as-current-user=false
  --enable-alpha-plugins=false
  --enable-helm=false
  -e, --env=[]
  --helm-api-versions=[]
  --helm-command='helm'
  --helm-debug=false
  --helm-kube-version=''
  --load-restrictor='LoadRestrictionsRootOnly'
  --mount=[]
  --network=false
  --network-name='bridge'
  -o, --output=''
## kubectl label
usage: kubectl label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]
  --all=false
  -A, --all-namespaces=false
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-label'
  --field-selector=''
  -f, --filename=[]
  -k, --kustomize=''
  --list=false
  --local=false
  -o, --output=''
  --overwrite=false
  -R, --recursive=false
  --resource-version=''
  -l, --selector=''
  --show-managed-fields=false
  --template=''
## kubectl annotate
usage: kubectl annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]
  --all=false
  -A, --all-namespaces=false
  --allow-missing-template-keys=true
  --dry-run='none'
  --field-manager='kubectl-annotate'
  --field-selector=''
  -f, --filename=[]
  -k, --kustomize=''
  --list=false
  --local=false
  -o, --output=''
  --overwrite=false
  -R, --recursive=false
  --resource-version=''
  -l, --selector=''
  --show-managed-fields=false
  --template=''
## kubectl completion
usage: kubectl completion SHELL [options]
## kubectl alpha
## kubectl alpha kuberc
usage: kubectl alpha kuberc SUBCOMMAND [options]
## kubectl api-resources
usage: kubectl api-resources [flags] [options]
  --api-group=''
  --cached=false
  --categories=[]
  --namespaced=true
  --no-headers=false
  -o, --output=''
  --show-managed-fields=false
  --sort-by=''
  --verbs=[]
## kubectl api-versions
usage: kubectl api-versions [options]
## kubectl config
usage: kubectl config SUBCOMMAND [options]
## kubectl config current-context
usage: kubectl config current-context [flags] [options]
## kubectl config delete-cluster
usage: kubectl config delete-cluster NAME [options]
## kubectl config delete-context
usage: kubectl config delete-context NAME [options]
## kubectl config delete-user
usage: kubectl config delete-user NAME [options]
## kubectl config get-clusters
usage: kubectl config get-clusters [flags] [options]
## kubectl config get-contexts
usage: kubectl config get-contexts [(-o|--output=)name)] [options]
  --no-headers=false
  -o, --output=''
## kubectl config get-users
usage: kubectl config get-users [flags] [options]
## kubectl config rename-context
usage: kubectl config rename-context CONTEXT_NAME NEW_NAME [options]
## kubectl config set
usage: kubectl config set PROPERTY_NAME PROPERTY_VALUE [options]
  --set-raw-bytes=false
## kubectl config set-cluster
usage: kubectl config set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com] [options]
  --certificate-authority=''
  --embed-certs=false
  --insecure-skip-tls-verify=false
  --proxy-url=''
  --server=''
  --tls-server-name=''
## kubectl config set-context
usage: kubectl config set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace] [options]
  --cluster=''
  --current=false
  -n, --namespace=''
  --user=''
## kubectl config set-credentials
usage: kubectl config set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value] [options]
  --auth-provider=''
  --auth-provider-arg=[]
  --client-certificate=''
  --client-key=''
  --embed-certs=false
  --exec-api-version=''
  --exec-arg=[]
  --exec-command=''
  --exec-env=[]
  --exec-interactive-mode=''
  --exec-provide-cluster-info=false
  --password=''
  --token=''
  --username=''
## kubectl config unset
usage: kubectl config unset PROPERTY_NAME [options]
## kubectl config use-context
usage: kubectl config use-context CONTEXT_NAME [options]
## kubectl config view
usage: kubectl config view [flags] [options]
  --allow-missing-template-keys=true
  --flatten=false
  --merge=true
  --minify=false
  -o, --output='yaml'
  --raw=false
  --show-managed-fields=false
  --template=''
## kubectl plugin
usage: kubectl plugin [flags] [options]
## kubectl plugin list
usage: kubectl plugin list [flags] [options]
  --name-only=false
## kubectl version
usage: kubectl version [flags] [options]
  --client=false
  -o, --output=''
## kubectl (every command)
  --as=''
  --as-group=[]
  --as-uid=''
  --as-user-extra=[]
  --cache-dir='/root/.kube/cache'
  --certificate-authority=''
  --client-certificate=''
  --client-key=''
  --cluster=''
  --context=''
  --disable-compression=false
  --insecure-skip-tls-verify=false
  --kubeconfig=''
  --kuberc=''
  --log-flush-frequency=5s
  --match-server-version=false
  -n, --namespace=''
  --password=''
  --profile='none'
  --profile-output='profile.pprof'
  --request-timeout='0'
  -s, --server=''
  --tls-server-name=''
  --token=''
  --user=''
  --username=''
  -v, --v=0
  --vmodule=
  --warnings-as-errors=false
`
