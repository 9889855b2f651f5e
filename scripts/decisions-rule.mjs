/** McCabe's count of decisions, without `?.` and `??`: reading what may be absent is not a branch a reader has to follow. */
export const decisions = {
  meta: { type: 'suggestion', schema: [{ type: 'number' }], messages: { many: '{{name}} makes {{count}} decisions; at most {{max}}: split it.' } },
  create(context) {
    const max = context.options[0] ?? 12
    const stack = []
    const enter = () => stack.push(1)
    const leave = (node) => {
      const count = stack.pop()
      if (count > max) context.report({ node, messageId: 'many', data: { name: node.id?.name ?? node.parent?.key?.name ?? 'function', count, max } })
    }
    const add = () => { if (stack.length > 0) stack[stack.length - 1]++ }
    return {
      ':function': enter, ':function:exit': leave,
      IfStatement: add, ConditionalExpression: add, ForStatement: add, ForInStatement: add, ForOfStatement: add, WhileStatement: add, DoWhileStatement: add, CatchClause: add,
      'SwitchCase[test!=null]': add,
      "LogicalExpression[operator!='??']": add,
      "AssignmentExpression[operator=/^(\\|\\||&&)=$/]": add,
    }
  },
}
