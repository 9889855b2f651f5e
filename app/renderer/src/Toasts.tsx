/** Short words about what just happened, that go by themselves; some offer to take it back. */
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'

export interface Toast {
  readonly text: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

const ToastContext = createContext<(toast: Toast) => void>(() => undefined)

/** What is offered stays longer than what is only told. */
const shownMs = { told: 3500, offered: 9000 }

export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext)
}

export function Toasts({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { readonly id: number })[]>([])
  const drop = useCallback((id: number) => setToasts((now) => now.filter((toast) => toast.id !== id)), [])
  const show = useCallback((toast: Toast): void => {
    const id = performance.now()
    setToasts((now) => [...now.filter(({ text }) => text !== toast.text).slice(-2), { ...toast, id }])
    setTimeout(() => drop(id), toast.action ? shownMs.offered : shownMs.told)
  }, [drop])
  return (
    <ToastContext.Provider value={show}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map(({ id, text, action }) => (
          <div key={id} className="toast">
            <span>{text}</span>
            {action && <button type="button" onClick={() => { drop(id); action.run() }}>{action.label}</button>}
          </div>
        ))}
      </div>
    </ToastContext.Provider>
  )
}
