/** Events that did not reach the API server, told in the journal as client-go's recorder tells them: with the event as Go prints it. */
import type { Event, ObjectReference } from '#engine/api/kinds'
import type { Klog } from '#engine/base/klog'
import type { EventFate } from '#engine/client/events'
import { errorText } from '#engine/cri/rpc'

const zeroTime = '0001-01-01 00:00:00 +0000 UTC'

export function tellLostEvent(klog: Klog): (error: unknown, fate: EventFate, event: Event) => void {
  return (error, fate, event) => {
    const text = goEvent(event)
    if (fate === 'refused') klog.error('event.go:359', errorText(error), 'Server rejected event (will not retry!)', { event: text })
    else klog.error('event.go:368', errorText(error), 'Unable to write event (may retry after sleeping)', { event: text })
    if (fate === 'given up') klog.error('event.go:307', undefined, 'Unable to write event (retry limit exceeded!)', { event: text })
  }
}

function goEvent(event: Event): string {
  const { metadata, involvedObject, reason, message, source, firstTimestamp, lastTimestamp, count, type, reportingComponent, reportingInstance } = event
  return `&Event{ObjectMeta:{${metadata.name ?? ''}  ${metadata.namespace ?? ''}    0 ${zeroTime} <nil> <nil> map[] map[] [] [] []},InvolvedObject:${goReference(involvedObject)},Reason:${reason ?? ''},Message:${message ?? ''},`
    + `Source:EventSource{Component:${source?.component ?? ''},Host:${source?.host ?? ''},},FirstTimestamp:${goTime(firstTimestamp)},LastTimestamp:${goTime(lastTimestamp)},Count:${count ?? 0},Type:${type ?? ''},`
    + `EventTime:${zeroTime},Series:nil,Action:,Related:nil,ReportingController:${reportingComponent ?? ''},ReportingInstance:${reportingInstance ?? ''},}`
}

function goReference(about: ObjectReference): string {
  return `ObjectReference{Kind:${about.kind ?? ''},Namespace:${about.namespace ?? ''},Name:${about.name ?? ''},UID:${about.uid ?? ''},APIVersion:${about.apiVersion ?? ''},ResourceVersion:${about.resourceVersion ?? ''},FieldPath:${about.fieldPath ?? ''},}`
}

function goTime(text: string | null | undefined): string {
  return text ? `${text.replace('T', ' ').replace('Z', '')} +0000 UTC` : zeroTime
}
